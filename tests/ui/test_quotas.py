"""Quotas and budgets on the dashboard: reported windows, and estimates where nothing reports them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.counting.budgets import Budgets
from exporter.model.money import PICODOLLARS
from exporter.sources.quotas import FILE_NAME
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, now_us
from tests.support.synthetic_transcripts import transcript_call
from tests.support.transcript_lines import SESSION
from tests.ui.browser import Browser, Page
from tests.ui.dashboard import PHONE, logs, open_dashboard
from tests.ui.site import Site, running_site


@pytest.fixture
def spent(tmp_path: Path) -> Iterator[Site]:
    """A site with costs of six days, and budgets that they exceed."""
    with running_site(tmp_path) as plain:
        settings = plain.settings
    transcripts = tmp_path / "projects"
    for hours in (0, 24, 48, 72, 96, 120):
        transcript_call(transcripts, f"{SESSION[:-3]}{hours:03}", now_us() - hours * HOUR_US - MINUTE_US)
    exporter = replace(
        settings.exporter,
        transcript_roots=(str(transcripts),),
        budgets=Budgets(day=PICODOLLARS // 1000, month=100 * PICODOLLARS),
    )
    with running_site(tmp_path, exporter=exporter) as site:
        yield site


@pytest.fixture
def overview(browser: Browser, spent: Site) -> Iterator[Page]:
    page = open_dashboard(browser, spent)
    yield page
    assert page.problems() == []
    page.close()


def report(site: Site, **windows: tuple[float, float]) -> None:
    """Write what a status line has recorded: percentages, and hours to the reset."""
    seen = time.time()
    stored = {
        name: {"used_percentage": used, "resets_at": seen + 3600 * hours + 30, "seen_at": seen}
        for name, (used, hours) in windows.items()
    }
    logs(site).mkdir(parents=True, exist_ok=True)
    (logs(site) / FILE_NAME).write_text(json.dumps({"windows": stored}))


def test_limits_that_nothing_reports_are_estimated_and_replaced_by_reports(overview: Page, spent: Site) -> None:
    overview.see(".quotas >> text=estimate")
    overview.see_texts(".quotas .heading span", ["5 hours estimate", "Today", "This month"])
    overview.see(".quotas >> text=Nothing reports the use of a subscription")
    overview.check_accessibility("dashboard-quotas-estimated")
    report(spent, five_hour=(90, 2), seven_day=(20, 84))
    overview.see(".quotas >> text=90%")
    overview.see(".quotas >> text=/^used up in 20 min 0 s at this rate$|^used up in 1[0-9] min [0-9]+ s at this rate$/")
    overview.see(".quotas >> text=40% by then at this rate")
    overview.see_texts(".quotas .heading span", ["5 hours", "7 days", "Today", "This month"])
    assert overview.texts(".quotas abbr") == []
    overview.check_accessibility("dashboard-quotas")


def test_a_budget_that_is_spent_is_marked(overview: Page, spent: Site) -> None:
    today = spent.services.aggregator.get_metrics()["quota"]["periods"][0]
    overview.see(".quotas .over >> text=Today")
    overview.see(f".quotas .over >> text=${today['spent_usd']:.4f}")
    overview.see(".quotas .over .bad >> text=forecast")


def test_it_fits_on_a_phone(browser: Browser, spent: Site) -> None:
    report(spent, five_hour=(90, 2), seven_day=(20, 84))
    page = open_dashboard(browser, spent, **PHONE)
    page.see(".quotas >> text=90%")
    page.check_accessibility("dashboard-quotas-phone")
    page.close()
