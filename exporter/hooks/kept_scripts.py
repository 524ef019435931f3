"""Copies of the scripts that settings name, in a place that upgrades, moved checkouts and `git clean` leave alone."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from exporter.hooks.recorders import Recorder
from exporter.hooks.settings_path import SettingsError

CUT = Path(__file__).resolve().with_name("hookmeter_cut.py")  # which that recorder expects next to it
MODE = 0o644  # as those of the package: nothing in it is secret, and others may have to run it
DIRECTORY_MODE = 0o755


def kept_recorder(recorder: Recorder, directory: Path) -> Recorder:
    """The recorder with a copy of its script in a directory. Raises SettingsError."""
    if recorder.script.suffix == CUT.suffix:
        kept_script(CUT, directory)
    kept_script(recorder.script, directory)
    return in_directory(recorder, directory)


def in_directory(recorder: Recorder, directory: Path) -> Recorder:
    """The recorder as it is with a copy of its script in a directory."""
    interpreter = (lasting_interpreter(recorder.interpreter[0]), *recorder.interpreter[1:])
    return replace(recorder, script=directory / recorder.script.name, interpreter=interpreter)


def kept_script(script: Path, directory: Path) -> Path:
    """The copy of a script in a directory, replaced if it is another version's. Raises SettingsError."""
    copy, text = directory / script.name, script.read_bytes()
    try:
        if not (copy.is_file() and copy.read_bytes() == text):
            directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
            _write(copy, text)
    except OSError as error:
        raise SettingsError(
            f"The recorder cannot be copied to {directory} ({error.strerror}): make it writable, then try again."
        ) from error
    return copy


def lasting_interpreter(path: str) -> str:
    """The interpreter itself instead of a virtual environment's link to it, which an upgrade may remove."""
    return os.path.realpath(path) if Path(path).with_name("activate").exists() else path


def _write(path: Path, text: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, MODE)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
