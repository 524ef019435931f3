"""Basic authentication with bcrypt hashes; verified credentials are cached, because bcrypt is slow on purpose."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import bcrypt

THREADS = 2
MAX_WAITING = 32
MAX_CACHED = 128
MAX_PASSWORD_BYTES = 72  # bcrypt ignores any further bytes, so a longer password is refused


class TooManyChecksError(Exception):
    """Too many passwords are waiting to be checked."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and a password, in the bytes that were sent."""

    name: bytes
    password: bytes = field(repr=False)


def parse_basic(authorization: str) -> Credentials | None:
    """The credentials of an Authorization header; None if it has no valid ones."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except ValueError:
        return None
    name, colon, password = decoded.partition(b":")
    return Credentials(name, password) if colon else None


class BasicAuth:
    """Checks passwords in threads and caches verified credentials as keyed digests."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._waiting = 0
        self._key = secrets.token_bytes(32)
        self._verified: set[bytes] = set()

    async def allows(self, users: Mapping[str, str], authorization: str) -> bool:
        """Whether the header has the password of a user. Raises TooManyChecksError."""
        credentials = parse_basic(authorization)
        if credentials is None or len(credentials.password) > MAX_PASSWORD_BYTES:
            return False
        known = users.get(credentials.name.decode("utf-8", "replace"))
        # An unknown user takes as long as a known one, so that the response time does not reveal user names.
        hashed = (known or next(iter(users.values()))).encode()
        digest = self._digest(credentials, hashed)
        if known and digest in self._verified:
            return True
        is_valid = await self._check(credentials.password, hashed) and known is not None
        if is_valid:
            self._cache(digest)
        return is_valid

    def close(self) -> None:
        """Cancel the checks that have not started."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _check(self, password: bytes, hashed: bytes) -> bool:
        if self._waiting >= MAX_WAITING:
            raise TooManyChecksError
        self._waiting += 1
        checking = asyncio.get_running_loop().run_in_executor(self._pool, bcrypt.checkpw, password, hashed)
        checking.add_done_callback(self._finish_check)
        return await asyncio.shield(checking)

    def _finish_check(self, _: "asyncio.Future[bool]") -> None:
        self._waiting -= 1

    def _digest(self, credentials: Credentials, hashed: bytes) -> bytes:
        """The cache key of credentials; it depends on the hash, so that a changed password is checked again."""
        parts = (credentials.name, hashed, credentials.password)
        digests = b"".join(hashlib.sha256(part).digest() for part in parts)
        return hmac.digest(self._key, digests, "sha256")

    def _cache(self, digest: bytes) -> None:
        if len(self._verified) >= MAX_CACHED:
            self._verified.clear()
        self._verified.add(digest)
