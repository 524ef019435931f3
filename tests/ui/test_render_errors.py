"""Pages of which a part cannot be rendered."""

from __future__ import annotations

import pytest

from tests.support.synthetic_logs import MINUTE_US, now_us
from tests.ui.browser import Browser
from tests.ui.dashboard import open_dashboard
from tests.ui.site import Site
from tests.ui.synthetic_day import KNOWN_SESSION, write_known_session

# From now on, nothing of this kind can be rendered, until the page is loaded again.
NO_TIMES = "Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', { get() { throw new Error('no times'); } })"
NO_NUMBERS = "Number.prototype.toFixed = () => { throw new Error('no numbers'); }"


@pytest.mark.parametrize(
    ("broken", "message"),
    [(NO_NUMBERS, "text=This page cannot be shown."), (NO_TIMES, "text=The dashboard cannot be shown.")],
    ids=["the content alone", "the header, too"],
)
def test_what_cannot_be_rendered_is_reported_and_can_be_loaded_again(
    browser: Browser, site: Site, broken: str, message: str
) -> None:
    logs, transcripts = site.settings.exporter.sessions_dirs[0], site.directory / "projects"
    write_known_session(logs, transcripts, now_us() - 40 * MINUTE_US)
    page = open_dashboard(browser, site)
    link = f"a[href*='{KNOWN_SESSION}']"
    page.see(f"{link} >> nth=0")
    # In one step, because what is loaded in between would be rendered, too.
    page.evaluate(f'{broken}; document.querySelector("{link}").click()')
    page.see(message)
    page.click("text=Reload")
    page.see_gone(message)
    page.see("main >> text=web-shop")
    page.close()
