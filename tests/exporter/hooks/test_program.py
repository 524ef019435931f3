"""How hookmeter is called: the command works in a shell that has nothing but the system's PATH."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exporter.hooks import installer
from exporter.hooks.program import program


def test_the_command_works_as_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = f"{program()} hooks install --sessions-dir {tmp_path}/logs"
    subprocess.run(["/bin/sh", "-c", command], env=environment, cwd=tmp_path, check=True, capture_output=True)
    assert installer.status(tmp_path / ".claude" / "settings.json").installed


def test_what_is_on_everybodys_path_needs_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Path(sys.executable).with_name("hookmeter")
    (tmp_path / "hookmeter").symlink_to(script)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert program() == "hookmeter"


def test_the_path_of_an_activated_environment_is_not_relied_on(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Path(sys.executable).with_name("hookmeter")
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert program() == str(script)
    monkeypatch.delenv("VIRTUAL_ENV")  # as in an image, in which PATH is for all
    assert program() == "hookmeter"


def test_another_hookmeter_on_the_path_is_not_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "hookmeter"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program() == str(Path(sys.executable).with_name("hookmeter"))
