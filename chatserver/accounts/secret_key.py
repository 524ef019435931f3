"""The key that tokens are signed with."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

import click

from chatserver.settings import ServerSettings

VARIABLE = "JWT_SECRET_KEY"
MIN_BYTES = 32
FILE_NAME = "secret.key"
ADVICE = f"give one that nobody knows: export {VARIABLE}=$(openssl rand -hex 32)"


class SecretKeyError(click.ClickException):
    """There is no key that is safe to use; the message says why and what to do."""


def given_key(given: str | None, *, production: bool) -> bytes | None:
    """The key in the variable; None where it is not set, which is for development alone. Raises SecretKeyError."""
    if given is not None:
        return _long_enough(os.fsencode(given), VARIABLE, ADVICE)
    if production:
        raise SecretKeyError(f"{VARIABLE} is not set, and in production there is no other key; {ADVICE}")
    return None


def signing_key(settings: ServerSettings) -> bytes:
    """The key that was given, else the one that the data folder keeps. Raises SecretKeyError."""
    return settings.secret_key or kept_key(settings.exporter.data_dir)


def kept_key(data_dir: Path) -> bytes:
    """The key in the data folder, made where there is none; of two processes that make it, both get the first's."""
    path = data_dir / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise SecretKeyError(f"{path} can be read by others; take its key for known, and remove the file.")
        return _long_enough(path.read_bytes(), str(path), "remove the file, and another is made.")
    except OSError as error:
        raise SecretKeyError(
            f"{path} cannot be used ({error.strerror}); give {VARIABLE}, or another --data-dir."
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # nobody else may read it
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(MIN_BYTES).encode())
            file.flush()
            os.fsync(descriptor)
        path.hardlink_to(name)  # the file is there whole or not at all, and never replaced
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()


def _long_enough(key: bytes, where: str, advice: str) -> bytes:
    if len(key) < MIN_BYTES:
        raise SecretKeyError(f"{where} holds {len(key)} bytes, and a key has at least {MIN_BYTES}; {advice}")
    return key
