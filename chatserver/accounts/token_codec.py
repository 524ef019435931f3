"""The one form of this server's tokens: what stands in them, and how they are signed."""

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
LEEWAY_SECONDS = 5  # by so much the clocks of servers with one database may differ
MAX_CHARACTERS = 1024
FORM = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{43}", re.ASCII)


class TokenError(Exception):
    """A token gives no access; the message says why and what to do."""


class UnusableTokenError(TokenError):
    """It is none of this server's."""

    def __init__(self) -> None:
        super().__init__("The token is none of this server's; log in again.")


class ExpiredTokenError(TokenError):
    """Its time is over."""

    def __init__(self) -> None:
        super().__init__("The token has expired; log in again.")


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a token says. Times are seconds since the epoch; `since` is its user's `tokens_valid_from_us`."""

    iss: str = ISSUER
    aud: str = AUDIENCE
    sub: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
    iat: int
    nbf: int
    exp: int
    jti: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{22}$")]
    since: int


class TokenCodec:
    """Signs claims, and reads them back."""

    def __init__(self, key: bytes, most_seconds: int) -> None:
        self._key = key
        self._most_seconds = most_seconds
        self._jwt = jwt.PyJWT({"require": REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True})

    def sign(self, claims: Claims) -> str:
        """The token of the claims."""
        return self._jwt.encode(msgspec.to_builtins(claims), self._key, ALGORITHM)

    def read(self, token: str) -> Claims:
        """The claims of a token that is this server's and whose time it is. Raises TokenError."""
        if len(token) > MAX_CHARACTERS or not FORM.fullmatch(token):
            raise UnusableTokenError
        try:
            told = self._jwt.decode(
                token, self._key, [ALGORITHM], audience=AUDIENCE, issuer=ISSUER, leeway=LEEWAY_SECONDS
            )
            claims = msgspec.convert(told, Claims)
        except jwt.ExpiredSignatureError:
            raise ExpiredTokenError from None
        except (jwt.PyJWTError, msgspec.ValidationError):
            raise UnusableTokenError from None
        # PyJWT takes more than it gives: numbers as texts, names twice, an end in a million years.
        if not hmac.compare_digest(self.sign(claims), token) or claims.exp - claims.iat > self._most_seconds:
            raise UnusableTokenError
        return claims

    def csrf_token(self, jti: str) -> str:
        """What a page sends beside the cookie with this token, to show that it may read what it was given."""
        return hmac.new(self._key, f"csrf {jti}".encode(), hashlib.sha256).hexdigest()
