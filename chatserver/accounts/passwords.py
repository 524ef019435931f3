"""Passwords hashed with bcrypt."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import bcrypt

from chatserver.accounts.common_passwords import is_common
from chatserver.threads.offload import offload

Result = TypeVar("Result")
ROUNDS = 12
MAX_PARALLEL = 2
MAX_WAIT_SECONDS = 10.0
MIN_CHARACTERS = 8
MAX_BYTES = 72  # bcrypt ignores the rest
HASH_CHARACTERS = 31
CONTROL_CATEGORIES = ("Cc", "Cs")


class PasswordError(Exception):
    """The password is not accepted; the message says why, and what to choose."""


class HashingBusyError(Exception):
    """Too many passwords are being hashed for this one to be hashed in time."""

    seconds = 10

    def __init__(self) -> None:
        super().__init__("Too many people are logging in; try again in 10 seconds.")


class Passwords:
    """Hashes and checks passwords, offloaded, and few in parallel since each keeps a CPU busy."""

    def __init__(self, rounds: int = ROUNDS) -> None:
        self._rounds = rounds
        self._slots = threading.Semaphore(MAX_PARALLEL)

    def hash(self, password: str, name: str) -> str:
        """The hash of a new password of the user with this name. Raises PasswordError, HashingBusyError."""
        secret = _valid_bytes(password)
        _check_is_hard_to_guess(password, name)
        return self._offload(lambda: bcrypt.hashpw(secret, bcrypt.gensalt(self._rounds))).decode()

    def matches(self, password: str, hashed: str | None) -> bool:
        """Whether the password has this hash. Without a hash it takes as long, and the result is False."""
        secret = _bytes(password)
        if secret is None:
            return False  # for every user: no password is so long
        against = hashed.encode() if hashed is not None else self._dummy_hash()
        return self._offload(lambda: bcrypt.checkpw(secret, against)) and hashed is not None

    def _dummy_hash(self) -> bytes:
        return bcrypt.gensalt(self._rounds) + b"." * HASH_CHARACTERS

    def _offload(self, work: Callable[[], Result]) -> Result:
        with self._slot():
            return offload(work)

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=MAX_WAIT_SECONDS):
            raise HashingBusyError
        try:
            yield
        finally:
            self._slots.release()


def _valid_bytes(password: str) -> bytes:
    if len(password) < MIN_CHARACTERS:
        raise PasswordError(f"The password is too short; use at least {MIN_CHARACTERS} characters.")
    if any(unicodedata.category(character) in CONTROL_CATEGORIES for character in password):
        raise PasswordError("The password contains a control character; use letters, digits, punctuation and spaces.")
    secret = _bytes(password)
    if secret is None:
        raise PasswordError(f"The password is too long; use at most {MAX_BYTES} bytes.")
    return secret


def _check_is_hard_to_guess(password: str, name: str) -> None:
    if password.strip().lower() == name.lower():
        raise PasswordError("The password is the user name; choose one that nobody can guess.")
    if is_common(password):
        raise PasswordError("The password is among the most common ones, which attackers try first; choose another.")


def _bytes(password: str) -> bytes | None:
    """The bytes to hash, in Unicode's form NFC; None where they are not UTF-8, or longer than bcrypt allows."""
    try:
        secret = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None
    return secret if len(secret) <= MAX_BYTES else None
