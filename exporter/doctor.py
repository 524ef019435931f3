"""What stands between a user and true numbers: each check says what it found, and how to mend it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from exporter.hooks.installer import status
from exporter.hooks.settings_file import SettingsError
from exporter.ledger.opening import FILE_NAME, damage
from exporter.ledger.schema import VERSION, version
from exporter.sources.log_folders import absolute, log_files, session_folders


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `remedy` is empty where all is well."""

    subject: str
    found: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.remedy


def examine(settings_files: tuple[Path, ...], sessions_dirs: tuple[Path, ...], data_dir: Path) -> Iterator[Check]:
    """Every check, in the order in which a call's record travels: hooks, logs, ledger."""
    roots = absolute(sessions_dirs)
    yield _hooks(settings_files, roots)
    yield _logs(roots)
    yield _readable(roots)
    yield _ledger(data_dir)


def _hooks(settings_files: tuple[Path, ...], roots: list[str]) -> Check:
    try:
        installed = [found for found in map(status, settings_files) if found.installed]
    except SettingsError as error:
        return Check("hooks", str(error), "Mend the settings file, then run: hookmeter doctor")
    if not installed:
        looked = " and ".join(str(path) for path in settings_files)
        return Check("hooks", f"not installed in {looked}", "Run: hookmeter hooks install")
    for found in installed:
        if found.missing:
            return Check(
                "hooks", f"{found.path} lacks {', '.join(found.missing)}", "Run again: hookmeter hooks install"
            )
        if not found.recorder_works:
            return Check(
                "hooks", f"the recorder named in {found.path} does not run", "Run again: hookmeter hooks install"
            )
        if found.sessions_dir and str(found.sessions_dir) not in roots:
            return Check(
                "hooks",
                f"they write to {found.sessions_dir}, which is not read here",
                f"Start the exporter with: --sessions-dir {found.sessions_dir}",
            )
    return Check("hooks", f"installed in {', '.join(str(found.path) for found in installed)}")


def _logs(roots: list[str]) -> Check:
    folders = [folder for root in roots for folder in session_folders(root) if _has_logs(folder)]
    if folders:
        return Check("logs", f"{len(folders)} sessions below {', '.join(roots)}")
    return Check(
        "logs",
        f"none below {', '.join(roots)}",
        "Use Claude Code once with the hooks installed, or name the right folder with --sessions-dir",
    )


def _has_logs(folder: str) -> bool:
    try:
        return bool(log_files(folder))
    except OSError:
        return True  # there, and the next check says that it cannot be read


def _readable(roots: list[str]) -> Check:
    for root in roots:
        for folder in session_folders(root):
            try:
                refused = [file.path for file in log_files(folder) if not os.access(file.path, os.R_OK)]
            except OSError:
                refused = [folder]
            if refused:
                return Check(
                    "reading", f"{refused[0]} may not be read", f"Run: chmod u+rX {refused[0]}, or run as its owner"
                )
    return Check("reading", "every log may be read")


def _ledger(data_dir: Path) -> Check:
    path = data_dir / FILE_NAME
    if not path.exists():
        return Check("ledger", f"none yet in {data_dir}; the first run makes it")
    if found := damage(path):
        return Check(
            "ledger", f"{path} is corrupt: {found}", "Start the exporter: it sets the file aside and counts anew"
        )
    found_version = _version(path)
    if found_version > VERSION:
        return Check("ledger", f"{path} is from a newer hookmeter", "Run that version, or name another --data-dir")
    return Check("ledger", f"{path} is sound")


def _version(path: Path) -> int:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return version(connection)
    finally:
        connection.close()
