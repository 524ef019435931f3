"""Reading and replacing Claude Code's settings file."""

import contextlib
import os
import tempfile
from pathlib import Path

from exporter.hooks import json_edit
from exporter.hooks.settings_path import SettingsError
from exporter.model.errors import cause_of
from exporter.model.regular_files import LARGE_BYTES, read_bounded


def read(path: Path) -> str:
    """The text of the settings; an empty object if the file does not exist yet, or is empty, as Claude Code has it."""
    try:
        text = read_bounded(path, LARGE_BYTES).decode()
        return text if text.strip() else "{}\n"
    except FileNotFoundError:
        return "{}\n"
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8, then try again.") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): fix that, then try again.") from error


def parse(text: str, path: Path) -> dict[str, object]:
    """The settings as an object."""
    try:
        settings = json_edit.parse(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is not valid JSON ({error}): fix it there, then try again.") from error
    if not isinstance(settings, dict):
        raise SettingsError(f"{path} does not contain a JSON object: its top-level value must be {{…}}.")
    return settings


def write(path: Path, text: str) -> None:
    """Replace the file completely or not at all; links, mode and owner are preserved."""
    try:
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                _copy_permissions(target, descriptor)
                file.write(text.encode())
                file.flush()
                os.fsync(descriptor)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink()
            raise
    except UnicodeEncodeError as error:
        raise SettingsError(f"{path} cannot contain a path that is not UTF-8: choose another directory.") from error
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise SettingsError(f"{path} cannot be written ({cause_of(error)}): fix that, then try again.") from error


def remove(path: Path) -> None:
    """Remove the file."""
    try:
        path.unlink()
    except OSError as error:
        raise SettingsError(f"{path} cannot be removed ({error.strerror}): fix that, then try again.") from error


def _copy_permissions(target: Path, descriptor: int) -> None:
    try:
        permissions = target.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, 0o644)
        return
    with contextlib.suppress(PermissionError):  # only root may change the owner
        os.fchown(descriptor, permissions.st_uid, permissions.st_gid)
    os.fchmod(descriptor, permissions.st_mode & 0o7777)
