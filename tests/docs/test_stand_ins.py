"""Stand-ins refuse what the programs would refuse, and each is of a program that the documents use."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, all_blocks
from tests.docs.stand_ins import PLACE, STAND_INS

REFUSED = (
    "docker compose up -d nothing",
    "docker compose --profile nothing up -d",
    "docker compose up --nothing",
    "docker compose exec nothing hookmeter doctor",
    "docker compose build --build-arg NOTHING=1 server",
    "docker build docs",
    "kubectl apply -f nothing.yml",
    "kubectl exec deploy/nothing -- hookmeter doctor",
    "systemctl enable --now nothing@alice",
    "make nothing",
    "uv tool install './hookmeter[nothing]'",
    "pipx upgrade nothing",
    "git commit",
)
TAKEN = ("docker compose --profile fleet up -d exporter", "docker compose build --pull", "make test", "docker build .")


@pytest.fixture(autouse=True)
def in_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stand in a checkout, on a machine without units."""
    (tmp_path / "etc" / "systemd" / "system").mkdir(parents=True)
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv(PLACE, str(tmp_path))


def run(command: str) -> None:
    name, *words = shlex.split(command)
    STAND_INS[name].run(words)


@pytest.mark.parametrize("command", REFUSED)
def test_what_does_not_exist_is_refused(command: str) -> None:
    with pytest.raises(SystemExit):
        run(command)


@pytest.mark.parametrize("command", TAKEN)
def test_what_exists_is_taken(command: str) -> None:
    run(command)


def test_every_stand_in_is_of_a_program_that_a_block_uses() -> None:
    text = "\n".join(block.text for block in all_blocks())
    assert [name for name in STAND_INS if not re.search(rf"(?m)(?:^|[|&;:] *){name} ", text)] == []
