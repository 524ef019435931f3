"""The ways to record a hook, and the command line that Claude Code runs for each."""

import json
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

NAME = "hookmeter_recorder"
"""What every recorder's script is called, and how a command is known to be ours."""

GETTIMEOFDAY = {
    ("Linux", "x86_64"): "96",
    ("Linux", "aarch64"): "169",
    ("Linux", "riscv64"): "169",
    ("Darwin", "x86_64"): "116",
    ("Darwin", "arm64"): "116",
}
"""The number of the system call that tells the time in microseconds."""

# Exit 0 and silence, whatever has become of the recorder. `exec` saves a fork on every call, and lets a time-out reach
# the recorder itself. Where that is gone, the payload is still read, or its writer meets a closed pipe. The variables
# keep perl from loading a locale, and modules that were meant for other scripts.
COMMAND = (
    "export LC_ALL=C PERL5OPT=; "
    "[ -r {script} ] && [ -x {interpreter} ] && exec {argv} >/dev/null 2>&1; "
    "cat >/dev/null 2>&1; :"
)


@dataclass(frozen=True)
class Recorder:
    """One way to record: an interpreter, the script that it runs, and what this machine adds at the end."""

    interpreter: tuple[str, ...]
    script: Path
    clock: tuple[str, ...] = ()

    def argv(self, sessions_dir: Path, event: str) -> tuple[str, ...]:
        """Give the words of the process that records one hook."""
        return (*self.interpreter, str(self.script), str(sessions_dir), event, *self.clock)

    def command(self, sessions_dir: Path, event: str) -> str:
        """Give the shell command for the settings."""
        return COMMAND.format(
            script=shlex.quote(str(self.script)),
            interpreter=shlex.quote(self.interpreter[0]),
            argv=shlex.join(self.argv(sessions_dir, event)),
        )


def recorders() -> tuple[Recorder, ...]:
    """List the ways to record on this machine, the fastest first."""
    here = Path(__file__).resolve().parent
    clock = GETTIMEOFDAY.get((platform.system(), platform.machine()))
    return (
        Recorder((shutil.which("perl") or "perl", "-C0"), here / f"{NAME}.pl", (clock,) if clock else ()),
        Recorder((sys.executable, "-I", "-S"), here / f"{NAME}.py"),
    )


def fastest() -> Recorder | None:
    """Give the first recorder that works here; None where not one does."""
    return next((recorder for recorder in recorders() if works(recorder)), None)


def works(recorder: Recorder) -> bool:
    """Tell whether the recorder writes a line with the right time, to the microsecond, into a passing folder."""
    payload = b'{"session_id":"probe"}'
    with tempfile.TemporaryDirectory() as folder:
        try:
            argv = recorder.argv(Path(folder), "Probe")
            subprocess.run(argv, input=payload, capture_output=True, timeout=10, check=True)
            line = json.loads(Path(folder, "probe", "events.jsonl").read_bytes())
            logged_at = datetime.fromisoformat(line["logged_at"])
        except (OSError, subprocess.SubprocessError, ValueError, KeyError):
            return False
    return logged_at.microsecond != 0 and abs(datetime.now(UTC) - logged_at) < timedelta(minutes=1)


def is_ours(command: object) -> bool:
    """Tell whether a hook's command runs a recorder of hookmeter, in whatever place it lies."""
    return isinstance(command, str) and NAME in command


def read_command(command: str) -> tuple[Recorder, Path] | None:
    """Give the recorder and the sessions folder of a command; None where it is not of the form that we write."""
    try:
        words = shlex.split(command)
        argv = tuple(words[words.index("exec") + 1 : words.index(">/dev/null")])
        script = [Path(word).stem for word in argv].index(NAME)
        return Recorder(argv[:script], Path(argv[script]), argv[script + 3 :]), Path(argv[script + 1])
    except (ValueError, IndexError):
        return None
