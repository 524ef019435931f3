"""The organization's prices: with them, too, hookmeter arrives at the costs that the real Claude Code reports."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import executable
from tests.e2e.test_costs import assert_agree, used
from tests.e2e.workplace import Workplace

MODEL = "claude-opus-4-6"
RATES = {"input": 1.5, "output": 7, "cacheRead": 0.123456789, "cacheWrite": 2}
# Runs a program that sees the directory given first laid over its own /etc, and that no other process sees there.
WITH_ETC = 'mount -t overlay overlay -o lowerdir="$0":/etc /etc && exec "$@"'
Managed = Callable[[object], Workplace]


@pytest.fixture
def managed(workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Managed:
    """Gives the workplace a `modelPricing` in managed settings, which hookmeter reads too."""
    etc = tmp_path / "etc"
    command = [executable("unshare"), "--map-root-user", "--mount", "sh", "-c", WITH_ETC, str(etc)]
    file = etc / "claude-code" / "managed-settings.json"
    file.parent.mkdir(parents=True)
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine forbids mounts in a namespace of their own")

    def place(pricing: object) -> Workplace:
        file.write_text(json.dumps({"modelPricing": pricing}))
        monkeypatch.setenv("HOOKMETER_MANAGED_SETTINGS", str(file))
        cli = tmp_path / "claude"
        cli.write_text(f'#!/bin/sh\nexec {shlex.join([*command, workplace.cli])} "$@"\n')
        cli.chmod(0o755)
        return replace(workplace, cli=str(cli))

    return place


@pytest.mark.parametrize(
    ("pricing", "script"),
    [
        ({"multiplier": 0.85}, "american"),
        ({"overrides": {MODEL: RATES}}, "fast"),
        ({"multiplier": 1.2, "overrides": {MODEL: RATES}}, "searching"),
    ],
    ids=["multiplier", "override", "both"],
)
def test_costs_are_those_of_claude_code(managed: Managed, pricing: object, script: str) -> None:
    workplace = managed(pricing)
    truth = used(workplace.run(script, "--allowedTools", "Bash", model=MODEL))
    assert {told["costBasis"] for told in truth.values()} == {"managed"}
    assert_agree(workplace, truth)


@pytest.mark.parametrize(
    ("key", "model"),
    [
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("us.anthropic.claude-haiku-4-5", "claude-haiku-4-5"),
        ("claude-haiku-4-5", "gate/claude-haiku-4-5-20251001"),
    ],
)
def test_an_override_covers_the_names_that_it_covers_in_claude_code(managed: Managed, key: str, model: str) -> None:
    workplace = managed({"overrides": {key: RATES}})
    assert_agree(workplace, used(workplace.run("cached", "--allowedTools", "Bash", model=model)))
