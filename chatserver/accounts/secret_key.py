"""The key that signs tokens."""

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
ADVICE = f"set a random one: export {VARIABLE}=$(openssl rand -hex 32)"


class SecretKeyError(click.ClickException):
    """No key is safe to use; the message says why, and how to fix it."""


def given_key(given: str | None, *, production: bool) -> bytes | None:
    """The key of the variable; None where it is not set, which only development allows. Raises SecretKeyError."""
    if given is not None:
        return _long_enough(os.fsencode(given), VARIABLE, ADVICE)
    if production:
        raise SecretKeyError(f"{VARIABLE} is not set, which production requires; {ADVICE}")
    return None


def signing_key(settings: ServerSettings) -> bytes:
    """The key of the settings, else that of the data directory. Raises SecretKeyError."""
    return settings.secret_key or stored_key(settings.exporter.data_dir)


def stored_key(data_dir: Path) -> bytes:
    """The key in the data directory, generated where there is none; parallel processes agree on one."""
    path = data_dir / FILE_NAME
    try:
        if not path.exists():
            _generate(path)
        if path.stat().st_mode & 0o077:
            raise SecretKeyError(f"{path} can be read by other users; remove the file to have another key generated.")
        return _long_enough(path.read_bytes(), str(path), "remove the file to have another key generated.")
    except OSError as error:
        raise SecretKeyError(
            f"{path} cannot be used ({error.strerror}); set {VARIABLE}, or use another --data-dir."
        ) from error


def _generate(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # only its owner may read it
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(MIN_BYTES).encode())
            file.flush()
            os.fsync(descriptor)
        path.hardlink_to(name)  # atomic, and never replaces an existing key
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()


def _long_enough(key: bytes, where: str, advice: str) -> bytes:
    if len(key) < MIN_BYTES:
        raise SecretKeyError(f"{where} has {len(key)} bytes, and a key needs at least {MIN_BYTES}; {advice}")
    return key
