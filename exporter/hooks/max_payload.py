"""The size above which recorders cut results: a number in a file of the sessions directory, which all of them read."""

from __future__ import annotations

from pathlib import Path

from exporter.hooks.settings_path import SettingsError
from exporter.model.regular_files import read_bounded

NAME = ".max-payload"
UNLIMITED = 0
MIN_BYTES = 16 << 10  # as the recorders have it


def max_payload(sessions_dir: Path) -> int:
    """The size; UNLIMITED if results are recorded as they are."""
    try:
        return int(read_bounded(sessions_dir / NAME))
    except (OSError, ValueError):
        return UNLIMITED


def set_max_payload(sessions_dir: Path, size: int) -> None:
    """Have recorders cut results from now on, also in sessions that run, or no longer. Raises SettingsError."""
    path = sessions_dir / NAME
    try:
        if size == UNLIMITED:
            path.unlink(missing_ok=True)
            return
        sessions_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_name(f"{NAME}.unfinished")
        unfinished.write_text(f"{size}\n")
        unfinished.replace(path)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written ({error.strerror}): make it writable, then try again."
        ) from error
