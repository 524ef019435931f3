import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from exporter.hooks import compiled
from exporter.hooks.recorders import Recorder, recorders

PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
RECORDERS = {recorder.script.suffix: recorder for recorder in recorders()}


@dataclass(frozen=True)
class Hook:
    """A recorder, run as Claude Code runs it."""

    recorder: Recorder
    sessions: Path

    def start(
        self, event: str = "PreToolUse", env: Mapping[str, str] | None = None, shell: str = ""
    ) -> subprocess.Popen[bytes]:
        command = shell + self.recorder.command(self.sessions, event)
        return subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**PATH, **(env or {})},
        )

    def run(
        self, payload: bytes, event: str = "PreToolUse", env: Mapping[str, str] | None = None, shell: str = ""
    ) -> None:
        """Record one payload, and assert that there is no output."""
        process = self.start(event, env, shell)
        assert process.communicate(payload, timeout=60) == (b"", b"")
        assert process.returncode == 0

    def run_bare(self, payload: bytes, event: str = "PreToolUse") -> None:
        """Record without the shell that hides all output, and assert that the script has none."""
        argv = self.recorder.argv(self.sessions, event)
        result = subprocess.run(argv, input=payload, capture_output=True, env=PATH, timeout=60, check=False)
        assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")

    def written(self) -> dict[str, bytes]:
        """The content of every file in the sessions directory, by its relative path."""
        files = (path for path in self.sessions.rglob("*") if path.is_file())
        return {str(path.relative_to(self.sessions)): path.read_bytes() for path in files}

    def line(self) -> bytes:
        """The one line that was written."""
        (content,) = self.written().values()
        assert content.count(b"\n") == 1
        return content


@pytest.fixture(scope="session")
def compiled_recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    recorder = compiled.compiled_recorder(tmp_path_factory.mktemp("compiled"))
    if recorder is None:
        pytest.skip("the recorder in C needs Linux and a C compiler: install gcc and libc6-dev")
    return recorder


@pytest.fixture(params=[compiled.SUFFIX, *RECORDERS])
def hook(request: pytest.FixtureRequest, tmp_path: Path) -> Hook:
    known = RECORDERS.get(request.param)
    return Hook(known or request.getfixturevalue("compiled_recorder"), tmp_path / "sessions")
