"""The implementations of the recorder, and the command line that Claude Code runs for each."""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exporter.hooks.trial import DOES_NOT_RUN, OTHER_ARGUMENTS, difference, installed

NAME = "hookmeter_recorder"
"""The name of every recorder's script, by which its command is recognized."""

GETTIMEOFDAY = {
    ("Linux", "x86_64"): "96",
    ("Linux", "aarch64"): "169",
    ("Linux", "riscv64"): "169",
    ("Darwin", "x86_64"): "116",
    ("Darwin", "arm64"): "116",
}
"""The number of the system call that returns the time in microseconds."""

# Exits with 0 and no output, even if the recorder is gone. Without a recorder, the payload is still read, so that its
# writer does not get a broken pipe. The variables keep perl from loading a locale, and modules that are meant for other
# scripts.
COMMAND = "export LC_ALL=C PERL5OPT=; {attempts}cat >/dev/null 2>&1; :"
# `exec` saves a fork per call, and lets a timeout reach the recorder itself. A compiled recorder goes without it: where
# the C library is older than the one that it was linked to, it fails before it reads anything, and the script records.
ATTEMPT = "[ -r {script} ] && [ -x {interpreter} ] && exec {argv} >/dev/null 2>&1; "
FIRST_ATTEMPT = "[ -r {script} ] && [ -x {interpreter} ] && {argv} >/dev/null 2>&1 && exit; "


@dataclass(frozen=True)
class Recorder:
    """An interpreter, the script that it runs, and the number of the clock's system call, if needed.

    `clock` of a compiled one also has the command of the script recorder that it leaves what is rare to.
    """

    interpreter: tuple[str, ...]
    script: Path
    clock: tuple[str, ...] = ()

    def argv(self, sessions_dir: Path, event: str) -> tuple[str, ...]:
        """The arguments of the process that records one hook."""
        return (*self.interpreter, str(self.script), str(sessions_dir), event, *self.clock)

    def command(self, sessions_dir: Path, event: str) -> str:
        """The shell command for the settings."""
        script = self._script_recorder()
        attempts = [self._attempt(FIRST_ATTEMPT if script else ATTEMPT, sessions_dir, event)]
        if script:
            attempts.append(script._attempt(ATTEMPT, sessions_dir, event))
        return COMMAND.format(attempts="".join(attempts))

    def _attempt(self, template: str, sessions_dir: Path, event: str) -> str:
        return template.format(
            script=shlex.quote(str(self.script)),
            interpreter=shlex.quote(self.interpreter[0]),
            argv=shlex.join(self.argv(sessions_dir, event)),
        )

    def _script_recorder(self) -> Recorder | None:
        """The script recorder that records where a compiled one is not there or does not start."""
        if not (words := self.clock[2:]):
            return None
        return Recorder(words[:-1], Path(words[-1]), tuple(filter(None, self.clock[:1])))


def recorders() -> tuple[Recorder, ...]:
    """The recorders for this machine, fastest first."""
    here = Path(__file__).resolve().parent
    clock = GETTIMEOFDAY.get((platform.system(), platform.machine()))
    return (
        Recorder((installed("perl") or "perl", "-C0"), here / f"{NAME}.pl", (clock,) if clock else ()),
        Recorder((sys.executable, "-I", "-S"), here / f"{NAME}.py"),
    )


def fastest() -> Recorder | None:
    """The first recorder that works here; None if none does."""
    return next((recorder for recorder in recorders() if works(recorder)), None)


def works(recorder: Recorder) -> bool:
    """Whether the recorder writes a line with the current time in microseconds, tried in a temporary directory."""
    payload = b'{"session_id":"probe"}'
    with tempfile.TemporaryDirectory() as directory:
        try:
            argv = recorder.argv(Path(directory), "Probe")
            subprocess.run(argv, input=payload, cwd=directory, capture_output=True, timeout=10, check=True)
            line = json.loads(Path(directory, "probe", "events.jsonl").read_bytes())
            logged_at = datetime.fromisoformat(line["logged_at"])
        except (OSError, subprocess.SubprocessError, ValueError, KeyError):
            return False
    return logged_at.microsecond != 0 and abs(datetime.now(UTC) - logged_at) < timedelta(minutes=1)


def malfunction(named: Recorder) -> str:
    """What is wrong with a recorder that settings name, as a phrase; empty if it works. Only the own copy is run."""
    own = next((recorder for recorder in recorders() if recorder.script.suffix == named.script.suffix), None)
    if own is None:
        return DOES_NOT_RUN
    found = difference(named.script, named.interpreter[0], own.script, own.interpreter[0])
    if not found and (named.interpreter[1:], named.clock) != (own.interpreter[1:], own.clock):
        found = OTHER_ARGUMENTS
    return found or ("" if works(own) else DOES_NOT_RUN)


def is_ours(command: object) -> bool:
    """Whether a hook's command runs a recorder of hookmeter, wherever that is installed."""
    return isinstance(command, str) and NAME in command


def parse_command(command: str) -> tuple[Recorder, Path] | None:
    """The recorder and the sessions directory of a command; None if it is not in the form of `Recorder.command`."""
    try:
        words = shlex.split(command)
        first = words[: words.index(">/dev/null")]
        argv = tuple(first[max(n for n, word in enumerate(first) if word in {"&&", "exec"}) + 1 :])
        script = [Path(word).stem for word in argv].index(NAME)
        return Recorder(argv[:script], Path(argv[script]), argv[script + 3 :]), Path(argv[script + 1])
    except (ValueError, IndexError):
        return None
