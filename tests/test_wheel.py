"""The built wheel in an empty environment, with an empty home, from a directory that is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from email import message_from_string
from pathlib import Path

import pytest

from tests.docs.links import dead_links

ROOT = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Installed:
    """An environment with hookmeter and its dependencies, and a user who has nothing yet."""

    program: Path
    home: Path

    def run(self, *words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"HOME": str(self.home), "PATH": os.defpath, **variables}
        return subprocess.run(
            [self.program, *words], cwd=self.home / "work", env=environment, capture_output=True, text=True,
            timeout=TIMEOUT_SECONDS, check=False,
        )  # fmt: skip

    def output(self, *words: str | Path, **variables: str) -> str:
        result = self.run(*words, **variables)
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout


def built(source: Path, target: Path) -> Path:
    words = ("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", target, source)
    subprocess.run([*PIP, *words], check=True, timeout=TIMEOUT_SECONDS)
    (found,) = target.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Installed:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [*PIP, "--python", python, "install", "--no-index", "--no-deps", wheel], check=True, timeout=TIMEOUT_SECONDS
    )
    (packages,) = environment.glob("lib/python*/site-packages")
    # The dependencies are those of this environment, but for the generator of the boards, which users do not have.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    (packages / "grafana_foundation_sdk.py").write_text("raise ModuleNotFoundError(name=__name__)")
    (tmp_path / "home" / "work").mkdir(parents=True)
    return Installed(environment / "bin" / "hookmeter", tmp_path / "home")


def test_the_first_minute_needs_no_checkout(installed: Installed) -> None:
    assert "hooks added" in installed.output("hooks", "install")
    (group,) = json.loads((installed.home / ".claude" / "settings.json").read_text())["hooks"]["PreToolUse"]
    payload = {"session_id": "s", "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_use_id": "1"}
    command = group["hooks"][0]["command"]
    subprocess.run(["/bin/sh", "-c", command], input=json.dumps(payload).encode(), check=True)
    (session,) = json.loads(installed.output("sessions", "--json"))
    assert (session["session_uuid"], session["running"]) == ("s", 1)
    examined = installed.output("doctor", "--metrics-listen", "127.0.0.1:1")
    assert "installed in" in examined
    assert list((installed.home / "work").iterdir()) == []  # nothing is kept where one happens to be


def test_boards_and_the_stack_are_written_without_the_generator(installed: Installed) -> None:
    assert "files written" in installed.output(
        "dashboards", "write", "boards", "--grafana-url", "https://g.example.org"
    )
    work = installed.home / "work"
    assert len(list((work / "boards" / "grafana" / "dashboards").glob("*.json"))) == 7
    assert "https://g.example.org" in (work / "boards" / "prometheus" / "rules" / "alerts.yml").read_text()
    installed.output("stack", "write", "stack")
    assert (work / "stack" / "docker-compose.yml").read_bytes() == (ROOT / "docker-compose.yml").read_bytes()


def test_documents_of_a_written_stack_link_to_files_that_are_there_but_for_pictures(installed: Installed) -> None:
    installed.output("stack", "write", "stack")
    documents = list((installed.home / "work" / "stack").rglob("*.md"))
    assert len(documents) > 40
    dead = [(path.name, link) for path in documents for link in dead_links(path) if not link.endswith(".png")]
    assert dead == []


def test_an_image_can_be_built_from_the_written_stack(installed: Installed, tmp_path: Path, wheel: Path) -> None:
    installed.output("stack", "write", "stack")
    context = installed.home / "work" / "stack"
    again = built(context, tmp_path / "again")
    for name in ("exporter/cli.py", "chatserver/cli/main.py", "exporter/prices/anthropic.json"):
        assert zipfile.ZipFile(again).read(name) == zipfile.ZipFile(wheel).read(name)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(installed: Installed, shell: str) -> None:
    assert "_HOOKMETER_COMPLETE" in installed.output("completion", shell)
    words = {"COMP_WORDS": "hookmeter da", "COMP_CWORD": "da" if shell == "fish" else "1"}
    found = installed.run(**words, _HOOKMETER_COMPLETE=f"{shell}_complete")
    assert "dashboards" in found.stdout


def test_the_metadata_say_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        found = message_from_string(archive.read(name).decode())
        assert not [each for each in archive.namelist() if "node_modules" in each or each.startswith("tests")]
    assert found["License-Expression"] == "MIT"
    assert "Programming Language :: Python :: 3.13" in found.get_all("Classifier", [])
