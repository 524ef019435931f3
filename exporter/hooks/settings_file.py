"""Claude Code's settings file: its path, and reading and replacing it."""

import contextlib
import os
import tempfile
from pathlib import Path

from exporter.hooks import json_edit
from exporter.model.errors import UserError
from exporter.model.regular_files import LARGE_BYTES, read_bounded


class SettingsError(UserError):
    """The settings cannot be read or changed, and are unchanged; the message says what, where and how to fix it."""


def settings_path(
    *, user: bool, project: Path | None, settings: Path | None, home: Path, config_dir: Path | None = None
) -> Path:
    """The chosen settings file: the user's own, a project's, or one by its path; exactly one of the three."""
    chosen = [
        *([(config_dir or home / ".claude") / "settings.json"] if user else []),
        *([project / ".claude" / "settings.json"] if project else []),
        *([settings] if settings else []),
    ]
    if len(chosen) != 1:
        raise SettingsError("Choose exactly one settings file: --user, --project DIR or --settings FILE.")
    return chosen[0]


def read(path: Path) -> str:
    """The text of the settings; an empty object if the file does not exist yet."""
    try:
        return read_bounded(path, LARGE_BYTES).decode()
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
        raise SettingsError(f"{path} cannot be written ({error}): fix that, then try again.") from error


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
