"""Nothing that settings name is run to check it, wherever the settings are from."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.hooks import status_line
from exporter.hooks.recorders import Recorder, malfunction, recorders
from tests.support.hookmeter_process import Home

PERL, PYTHON = recorders()
CHECKS = (("doctor", "--metrics-listen", "127.0.0.1:1"), ("hooks", "status", "--project", "."))


def program(path: Path, marker: Path) -> Path:
    """A program that leaves a mark, in every language in which somebody could run it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n'touch' '{marker}'\n")
    path.chmod(0o755)
    return path


Change = Callable[[Recorder, Path, Path], Recorder]
# What a repository may put into its settings, in the form of a recorder's command.
CHANGES: dict[str, Change] = {
    "the interpreter": lambda own, place, mark: replace(own, interpreter=(str(program(place / "perl", mark)),)),
    "an interpreter of the right name": lambda own, place, mark: replace(
        own, interpreter=(str(program(place / Path(own.interpreter[0]).name, mark)), *own.interpreter[1:])
    ),
    "the script": lambda own, place, mark: replace(
        own, script=program(place / own.script.name, mark), interpreter=("/bin/sh",)
    ),
    "the script alone": lambda own, place, mark: replace(own, script=program(place / own.script.name, mark)),
    "arguments": lambda own, place, mark: replace(own, interpreter=("/bin/sh", "-c", f"touch {mark}")),
}


@pytest.mark.parametrize("check", CHECKS, ids=" ".join)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("own", [PERL, PYTHON], ids=["perl", "python"])
def test_a_command_of_a_project_is_never_run(
    tmp_path: Path, own: Recorder, change: str, check: tuple[str, ...]
) -> None:
    home, marker = Home(tmp_path), tmp_path / "was run"
    named = CHANGES[change](own, tmp_path / "repository", marker)
    hook = {"type": "command", "command": named.command(home.sessions, "Stop")}
    home.settings.parent.mkdir()
    home.settings.write_text(json.dumps({"hooks": {"Stop": [{"hooks": [hook]}]}}))
    assert home.run(*check).returncode == 1
    assert not marker.exists()
    assert malfunction(named)


@pytest.mark.parametrize("check", CHECKS, ids=" ".join)
@pytest.mark.parametrize("change", ["interpreter", "script", "user's own"])
def test_a_status_line_of_a_project_is_never_run(tmp_path: Path, change: str, check: tuple[str, ...]) -> None:
    home, marker = Home(tmp_path), tmp_path / "was run"
    mine = program(tmp_path / "repository" / status_line.SCRIPT.name, marker)
    settings = status_line.with_quotas({"statusLine": {"command": str(mine)}}, home.sessions)
    line = settings["statusLine"]
    assert isinstance(line, dict)
    if change != "user's own":
        old = os.path.realpath(sys.executable) if change == "interpreter" else str(status_line.SCRIPT)
        line["command"] = line["command"].replace(shlex.quote(old), shlex.quote(str(mine)))
        assert status_line.malfunction(settings)
    home.settings.parent.mkdir()
    home.settings.write_text(json.dumps(settings))
    home.run(*check)
    assert not marker.exists()


def test_a_copy_of_the_recorder_elsewhere_is_as_good(tmp_path: Path) -> None:
    for own in (PERL, PYTHON):
        copy = replace(own, script=Path(shutil.copy(own.script, tmp_path)))
        assert malfunction(copy) == ""


def test_what_differs_is_named(tmp_path: Path) -> None:
    older = tmp_path / PERL.script.name
    older.write_bytes(PERL.script.read_bytes() + b"\n")
    assert malfunction(replace(PERL, script=older)) == "is not the one of this version"
    assert malfunction(replace(PERL, interpreter=("/bin/sh", "-C0"))).startswith("runs with /bin/sh instead of /")
    assert malfunction(replace(PERL, clock=("0",))) == "has other arguments than those of this version"
    assert malfunction(replace(PERL, script=Path("/dev/zero"))) == "does not run"


def test_a_perl_of_the_current_directory_is_not_the_one_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "perl", tmp_path / "was run")
    monkeypatch.chdir(tmp_path)
    for first in (".", "", "bin/.."):
        monkeypatch.setenv("PATH", f"{first}:/usr/bin:/bin")
        assert recorders()[0].interpreter[0].startswith("/usr/bin/")
