"""The format of tokens: their claims, and their signature."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Annotated

import jwt
import msgspec

ALGORITHM = "HS256"
ISSUER = AUDIENCE = "hookmeter"
REQUIRED = ["iss", "aud", "sub", "iat", "nbf", "exp", "jti"]
LEEWAY_SECONDS = 5  # how far the clocks of servers on one database may differ
MAX_CHARACTERS = 1024
FORM = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{43}", re.ASCII)


class TokenError(Exception):
    """The token gives no access; the message says why, and what to do."""


class UnusableTokenError(TokenError):
    """The token was not issued by this server."""

    def __init__(self) -> None:
        super().__init__("The token was not issued by this server; log in again.")


class ExpiredTokenError(TokenError):
    """The token has expired."""

    def __init__(self) -> None:
        super().__init__("The token has expired; log in again.")


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The claims of a token. Times are seconds since the epoch; `since` is its user's `tokens_valid_from_us`."""

    iss: str = ISSUER
    aud: str = AUDIENCE
    sub: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
    iat: int
    nbf: int
    exp: int
    jti: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{22}$")]
    since: int


class TokenCodec:
    """Encodes claims as signed tokens, and decodes them."""

    def __init__(self, key: bytes, max_seconds: int) -> None:
        self._key = key
        self._max_seconds = max_seconds
        self._jwt = jwt.PyJWT({"require": REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True})

    def encode(self, claims: Claims) -> str:
        """The token of the claims."""
        return self._jwt.encode(msgspec.to_builtins(claims), self._key, ALGORITHM)

    def decode(self, token: str) -> Claims:
        """The claims of a valid token. Raises TokenError."""
        if len(token) > MAX_CHARACTERS or not FORM.fullmatch(token):
            raise UnusableTokenError
        try:
            payload = self._jwt.decode(
                token, self._key, [ALGORITHM], audience=AUDIENCE, issuer=ISSUER, leeway=LEEWAY_SECONDS
            )
            claims = msgspec.convert(payload, Claims)
        except jwt.ExpiredSignatureError:
            raise ExpiredTokenError from None
        except (jwt.PyJWTError, msgspec.ValidationError):
            raise UnusableTokenError from None
        # PyJWT accepts more than this server issues: numbers as texts, duplicate names, an expiry in a million years.
        if not hmac.compare_digest(self.encode(claims), token) or claims.exp - claims.iat > self._max_seconds:
            raise UnusableTokenError
        return claims

    def csrf_token(self, jti: str) -> str:
        """The value that pages send with a cookie's token, to prove that they can read the cookies of this site."""
        return hmac.new(self._key, f"csrf {jti}".encode(), hashlib.sha256).hexdigest()
