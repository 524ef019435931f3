"""What the alert of a failing cache and its runbook say of prices is what the price table has."""

from __future__ import annotations

from decimal import Decimal

from dashboards.alerting.costs import ALERTS
from tests.dashboards.committed import ROOT
from tests.exporter.prices.test_every_model import MODELS

NAME = "ClaudeCacheHitsCollapsed"


def times(model: str) -> Decimal:
    """How many times as much as a cached token an uncached one costs."""
    rates = MODELS[model]["prices"][-1]["rates"]
    return Decimal(rates["input"]) / Decimal(rates.get("cache_read", rates["input"]))


def test_an_uncached_token_costs_as_many_times_as_much_as_alert_and_runbook_say() -> None:
    runbook = " ".join((ROOT / "docs" / "runbooks" / f"{NAME}.md").read_text().split())
    (alert,) = (one for one in ALERTS if one.name == NAME)
    most = f"up to {max(map(times, MODELS)):f} times as much"
    assert most in runbook
    assert most in alert.description
    assert "20 with `claude-opus-5-5` and `claude-sonnet-5-5`" in runbook
    assert {times("claude-opus-5-5"), times("claude-sonnet-5-5")} == {Decimal(20)}
