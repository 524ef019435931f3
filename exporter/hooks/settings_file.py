"""Claude Code's settings file: where it is, and reading and replacing it whole."""

import contextlib
import os
import tempfile
from pathlib import Path

from exporter.hooks import json_edit
from exporter.model.errors import UserError


class SettingsError(UserError):
    """The settings cannot be read or changed, and are as they were; the message says what, where and how to mend it."""


def settings_path(
    *, user: bool, project: Path | None, settings: Path | None, home: Path, config_dir: Path | None = None
) -> Path:
    """Give the file that was asked for: the user's own, a project's, or one by name; exactly one of the three."""
    chosen = [
        *([(config_dir or home / ".claude") / "settings.json"] if user else []),
        *([project / ".claude" / "settings.json"] if project else []),
        *([settings] if settings else []),
    ]
    if len(chosen) != 1:
        raise SettingsError("Name exactly one settings file: the user's, a project's, or a path.")
    return chosen[0]


def read(path: Path) -> str:
    """Give the text of the settings, and an empty object for a file that does not exist yet."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return "{}\n"
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8, then try again.") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): mend that, then try again.") from error


def parse(text: str, path: Path) -> dict[str, object]:
    """Give the settings as an object."""
    try:
        settings = json_edit.parse(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is no valid JSON, {error}: correct it there, then try again.") from error
    if not isinstance(settings, dict):
        raise SettingsError(f"{path} holds no JSON object: its outermost value must be {{…}}.")
    return settings


def write(path: Path, text: str) -> None:
    """Replace the file whole or not at all; a link stays a link, and the mode and owner stay as they are."""
    try:
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                _copy_rights(target, descriptor)
                file.write(text.encode())
                file.flush()
                os.fsync(descriptor)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink()
            raise
    except UnicodeEncodeError as error:
        raise SettingsError(f"{path} cannot hold a path that is not UTF-8: choose another folder.") from error
    except (OSError, RuntimeError) as error:  # a RuntimeError is a loop of links
        raise SettingsError(f"{path} cannot be written ({error}): mend that, then try again.") from error


def _copy_rights(target: Path, descriptor: int) -> None:
    try:
        rights = target.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, 0o644)
        return
    with contextlib.suppress(PermissionError):  # only root may give a file away
        os.fchown(descriptor, rights.st_uid, rights.st_gid)
    os.fchmod(descriptor, rights.st_mode & 0o7777)
