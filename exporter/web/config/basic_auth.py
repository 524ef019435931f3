"""Basic authentication against bcrypt hashes, with as few bcrypt checks as it takes."""

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
MAX_REMEMBERED = 128
MAX_PASSWORD_BYTES = 72  # bcrypt reads no further, so a longer password has never been hashed


class TooManyChecksError(Exception):
    """So many passwords wait for their check that another one is not taken."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, as bytes, as they came."""

    name: bytes
    password: bytes = field(repr=False)


def parse_basic(authorization: str) -> Credentials | None:
    """Return the credentials of an Authorization header, None when it has no readable ones."""
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
    """Checks passwords off the event loop and remembers the right ones by a keyed digest."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._waiting = 0
        self._key = secrets.token_bytes(32)
        self._verified: set[bytes] = set()

    async def allows(self, users: Mapping[str, str], authorization: str) -> bool:
        """Tell whether a user's right password came along; raises TooManyChecksError."""
        credentials = parse_basic(authorization)
        if credentials is None or len(credentials.password) > MAX_PASSWORD_BYTES:
            return False
        known = users.get(credentials.name.decode("utf-8", "replace"))
        # An unknown user costs the same time as a known one, so that nobody can ask which users there are.
        hashed = (known or next(iter(users.values()))).encode()
        digest = self._digest(credentials, hashed)
        if known and digest in self._verified:
            return True
        right = await self._check(credentials.password, hashed) and known is not None
        if right:
            self._remember(digest)
        return right

    def close(self) -> None:
        """Start no further check."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _check(self, password: bytes, hashed: bytes) -> bool:
        if self._waiting >= MAX_WAITING:
            raise TooManyChecksError
        self._waiting += 1
        checking = asyncio.get_running_loop().run_in_executor(self._pool, bcrypt.checkpw, password, hashed)
        checking.add_done_callback(self._checked)
        return await asyncio.shield(checking)

    def _checked(self, _: "asyncio.Future[bool]") -> None:
        self._waiting -= 1

    def _digest(self, credentials: Credentials, hashed: bytes) -> bytes:
        """Return what stands for these credentials; the hash is part of it, so a changed password counts anew."""
        parts = (credentials.name, hashed, credentials.password)
        digests = b"".join(hashlib.sha256(part).digest() for part in parts)
        return hmac.digest(self._key, digests, "sha256")

    def _remember(self, digest: bytes) -> None:
        if len(self._verified) >= MAX_REMEMBERED:
            self._verified.clear()
        self._verified.add(digest)
