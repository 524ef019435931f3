"""Costs that lack something say so on the pages: of sessions some of whose models have no known price."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.support.partly_priced import MIXED, UNKNOWN, UNPRICED, write_sessions
from tests.ui.browser import Browser
from tests.ui.dashboard import open_dashboard
from tests.ui.site import running_site
from tests.ui.test_chart_tables import cells

LACKING = "title='Without the cost of {} tokens of models without a known price; --prices sets one'"


def test_a_plus_follows_each_cost_that_lacks_something(browser: Browser, tmp_path: Path) -> None:
    with running_site(tmp_path) as plain:
        settings = plain.settings
    write_sessions(tmp_path / "projects")
    exporter = replace(settings.exporter, transcript_roots=(str(tmp_path / "projects"),))
    with running_site(tmp_path, exporter=exporter) as site:
        site.add_user("root", "admin")
        page = open_dashboard(browser, site)
        for place in (".figure:has(dt:text-is('Cost'))", ".costs .total", ".costs .legend", ".quotas"):
            page.see(f"{place} >> [{LACKING.format('3,000')}]:text-is('$0.0070+')")
        page.see(f".costs .legend li:has-text('{UNPRICED}') >> [{LACKING.format('3,000')}]:text-is('unknown')")
        page.click(".costs figure:has(h3:text-is('By project')) summary")
        _head, *rows = cells(page, ".costs .chart-table")
        assert [cost for _, cost in rows if cost.endswith("+")]
        page.see(f"[role=row] [{LACKING.format('1,500')}]:text-is('$0.0035+')")
        page.click(f"[role=row] a[href*='{MIXED}']")
        page.see(f"div:has(dt:text-is('Cost')) >> [{LACKING.format('1,500')}]:text-is('$0.0035+')")
        page.see(f".timeline .total >> [{LACKING.format('1,500')}]:text-is('$0.0035+')")
        page.close()
        unknown = open_dashboard(browser, site, f"/?session={UNKNOWN}")
        unknown.see("div:has(dt:text-is('Cost')) >> [title]:text-is('unknown')")
        assert unknown.problems() == []
        unknown.close()
