"""The key that signs tokens."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

import click

from chatserver.accounts.key_handover import MAX_BYTES, VARIABLE, take_key
from chatserver.environment import process_environment
from chatserver.settings import ServerSettings

OPTION = "--secret-key-file"
MIN_BYTES = 32
FILE_NAME = "secret.key"
ADVICE = "create a random one: (umask 077; openssl rand -hex 32 > FILE)"


class SecretKeyError(click.ClickException):
    """No key is safe to use; the message says why, and how to fix it."""


def given_key(file: Path | None, *, production: bool) -> bytes | None:
    """The key in a file, else the one that was handed over, from the variable.

    None where neither is given, which only development allows. Raises SecretKeyError.
    """
    if VARIABLE in process_environment():  # of a program that does not restart without it
        raise SecretKeyError(f"{VARIABLE} can be read in this process's environment; use {OPTION} FILE instead.")
    handed_over = take_key()
    if file is not None:
        return _in_bounds(_read(file), str(file), ADVICE)
    if handed_over is not None:
        return _in_bounds(handed_over, VARIABLE, ADVICE)
    if production:
        raise SecretKeyError(f"neither {OPTION} nor {VARIABLE} is set, but production requires a key; {ADVICE}")
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
        return _in_bounds(path.read_bytes(), str(path), "remove the file to have another key generated.")
    except OSError as error:
        raise SecretKeyError(
            f"{path} cannot be used ({error.strerror}); set {OPTION}, or use another --data-dir."
        ) from error


def _generate(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1).rstrip(b"\r\n")
    except OSError as error:
        raise SecretKeyError(f"{file} cannot be read ({error.strerror}); name another file with {OPTION}.") from error


def _in_bounds(key: bytes, where: str, advice: str) -> bytes:
    if len(key) > MAX_BYTES:
        raise SecretKeyError(f"{where} has more than the {MAX_BYTES} bytes that a key may have; {advice}")
    if len(key) < MIN_BYTES:
        raise SecretKeyError(f"{where} has {len(key)} bytes, and a key needs at least {MIN_BYTES}; {advice}")
    return key
