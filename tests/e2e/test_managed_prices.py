"""The organization's prices: with them, too, hookmeter arrives at the costs that the real Claude Code reports."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.e2e.managed_settings import with_managed_settings
from tests.e2e.test_costs import assert_agree, used
from tests.e2e.workplace import Workplace

MODEL = "claude-opus-4-6"
RATES = {"input": 1.5, "output": 7, "cacheRead": 0.123456789, "cacheWrite": 2}
Managed = Callable[[object], Workplace]


@pytest.fixture
def managed(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Managed:
    """Gives the workplace a `modelPricing` in managed settings, which hookmeter reads too."""
    place, file = with_managed_settings(workplace)
    monkeypatch.setenv("HOOKMETER_MANAGED_SETTINGS", str(file))

    def give(pricing: object) -> Workplace:
        file.write_text(json.dumps({"modelPricing": pricing}))
        return place

    return give


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
