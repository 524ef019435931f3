"""The recorder in C: compiled where hooks are installed, on Linux with a C compiler."""

from __future__ import annotations

import platform
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

from exporter.hooks.kept_scripts import in_directory, kept_recorder, kept_script
from exporter.hooks.recorders import NAME, Recorder, fastest, works
from exporter.hooks.settings_path import SettingsError
from exporter.hooks.trial import DOES_NOT_RUN, OTHER_ARGUMENTS, OTHER_VERSION, difference, installed

SOURCE = Path(__file__).with_name(f"{NAME}.c")
SUFFIX = ".bin"
FLAGS = ("-O2", "-fPIE", "-pie", "-fstack-protector-strong")
MAX_SECONDS = 30
# What loads programs, by machine. The command names it: where a home directory is shared with a machine or container of
# another kind, there is none of that name, and the shell runs the script recorder, not a program of the wrong kind.
LOADERS = {
    "x86_64": ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"),
    "aarch64": ("/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"),
    "riscv64": ("/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-riscv64.so.1"),
}


def compiled_recorder(directory: Path) -> Recorder | None:
    """The recorder, compiled into a directory; None where that is impossible or it does not work.

    One of the same source that is there already is used where there is no compiler any more.
    """
    recorder = _recorder(directory)
    if recorder is None or not (_compile(recorder) or _is_of_this_version(recorder)):
        return None
    return recorder if works(recorder) else None


def malfunction(named: Recorder, own_directories: Collection[Path]) -> str:
    """What is wrong with a compiled recorder that settings name, as a phrase; empty if it works.

    Only one that is compiled here is run, or one in our own directories where there is no compiler.
    """
    own = _recorder(named.script.parent)
    if own is None or named.interpreter != own.interpreter or not named.script.is_file():
        return DOES_NOT_RUN
    if named.clock != own.clock:
        return OTHER_ARGUMENTS
    if not _is_same(Path(own.clock[-1])):
        return OTHER_VERSION
    with tempfile.TemporaryDirectory() as directory:
        compiled = compiled_recorder(Path(directory))
        if compiled:
            return difference(named.script, named.interpreter[0], compiled.script, compiled.interpreter[0])
    if named.script.parent not in own_directories:
        return DOES_NOT_RUN
    return ("" if works(named) else DOES_NOT_RUN) if _is_of_this_version(named) else OTHER_VERSION


def _recorder(directory: Path) -> Recorder | None:
    """The recorder in a directory, which leaves what is rare to the script next to it."""
    found = [loader for loader in LOADERS.get(platform.machine(), ()) if Path(loader).exists()]
    script = fastest()
    if not (found and script):
        return None
    kept = in_directory(script, directory)
    clock, no_plugin = (*script.clock, "")[0], ""
    return Recorder((found[0],), directory / f"{NAME}{SUFFIX}", (clock, no_plugin, *kept.interpreter, str(kept.script)))


def _is_of_this_version(recorder: Recorder) -> bool:
    """Whether the program is there, and what it was compiled of, which is written beside it once it is."""
    return recorder.script.is_file() and _is_same(recorder.script.with_name(SOURCE.name))


def _is_same(copy: Path) -> bool:
    """Whether a copy of a file of this package is there, and is that of this version."""
    try:
        return copy.read_bytes() == SOURCE.with_name(copy.name).read_bytes()
    except OSError:
        return False


def _compile(recorder: Recorder) -> bool:
    compiler = installed("cc")
    if compiler is None:
        return False
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / recorder.script.name
        try:
            words = [compiler, *FLAGS, "-o", str(program), str(SOURCE)]
            subprocess.run(words, cwd=directory, capture_output=True, timeout=MAX_SECONDS, check=True)
            for file in (program, SOURCE):
                kept_script(file, recorder.script.parent)
            if script := fastest():
                kept_recorder(script, recorder.script.parent)
        except (OSError, subprocess.SubprocessError, SettingsError):  # another recorder says what is wrong
            return False
    return True
