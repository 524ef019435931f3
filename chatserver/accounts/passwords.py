"""Passwords as bcrypt keeps them."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import bcrypt

from chatserver.threads.offload import offload

Result = TypeVar("Result")
ROUNDS = 12
AT_ONCE = 2
WAIT_SECONDS = 10.0
MIN_CHARACTERS = 8
MAX_BYTES = 72  # what bcrypt looks at
HASH_CHARACTERS = 31
UNTYPED = ("Cc", "Cs")


class PasswordError(Exception):
    """The password cannot be taken; the message says why and what to choose."""


class HashingBusyError(Exception):
    """So many passwords are being checked that this one would wait too long."""

    seconds = 10

    def __init__(self) -> None:
        super().__init__("Too many people are logging in at this moment; try again in a while.")


class Passwords:
    """Hashes and checks passwords, beside the event loop and few at once: each takes a processor for a while."""

    def __init__(self, rounds: int = ROUNDS) -> None:
        self._rounds = rounds
        self._turns = threading.Semaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """The hash of a new password. Raises PasswordError."""
        secret = _new(password)
        return self._in_turn(lambda: bcrypt.hashpw(secret, bcrypt.gensalt(self._rounds))).decode()

    def matches(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password of the hash. Where there is no hash it is none, and takes as long to say so."""
        secret = _bytes(password)
        if secret is None:
            return False  # whoever it is for: there is no such password
        against = hashed.encode() if hashed is not None else self._of_nobody()
        return self._in_turn(lambda: bcrypt.checkpw(secret, against)) and hashed is not None

    def _of_nobody(self) -> bytes:
        return bcrypt.gensalt(self._rounds) + b"." * HASH_CHARACTERS

    def _in_turn(self, work: Callable[[], Result]) -> Result:
        with self._turn():
            return offload(work)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=WAIT_SECONDS):
            raise HashingBusyError
        try:
            yield
        finally:
            self._turns.release()


def _new(password: str) -> bytes:
    if len(password) < MIN_CHARACTERS:
        raise PasswordError(f"The password is too short: choose one of at least {MIN_CHARACTERS} characters.")
    if any(unicodedata.category(character) in UNTYPED for character in password):
        raise PasswordError("The password holds a control character: choose letters, digits, signs and spaces.")
    secret = _bytes(password)
    if secret is None:
        raise PasswordError(f"The password is too long: choose one of at most {MAX_BYTES} bytes.")
    return secret


def _bytes(password: str) -> bytes | None:
    """What is hashed, however a keyboard composes its accents; None where it is no text or bcrypt would cut it."""
    try:
        secret = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None
    return secret if len(secret) <= MAX_BYTES else None
