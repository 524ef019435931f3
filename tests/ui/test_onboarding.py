"""What newcomers see: pages that work without hooks, and empty states that say what to do."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.hooks import installer
from tests.support.synthetic_logs import MINUTE_US, now_us
from tests.support.synthetic_transcripts import transcript_call
from tests.ui.browser import Browser, Page, by_role
from tests.ui.dashboard import logs, open_dashboard
from tests.ui.site import Site

HINT = ".hooks-hint"


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of somebody who has installed nothing in Claude Code."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    return tmp_path


@pytest.fixture
def overview(browser: Browser, newcomer: Path, site: Site) -> Iterator[Page]:
    """The overview of a day with one session, which no hook has recorded and in which nothing failed."""
    transcript_call(Path(site.settings.exporter.transcript_roots[0]), "s1", now_us() - 20 * MINUTE_US)
    page = open_dashboard(browser, site)
    page.see(".glance")
    yield page
    assert page.problems() == []
    page.close()


def test_one_line_says_what_hooks_would_add_with_a_command_that_works(
    overview: Page, site: Site, newcomer: Path
) -> None:
    overview.see(f"{HINT} >> text=waits for permission")
    overview.check_accessibility("overview-without-hooks")
    command = overview.text(f"{HINT} code")
    environment = {"HOME": str(newcomer), "PATH": "/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-c", command], env=environment, cwd=newcomer, check=True, capture_output=True)
    overview.call("reload")
    overview.see(".glance")
    overview.see_gone(HINT)
    assert installer.status(newcomer / ".claude" / "settings.json").sessions_dir == logs(site)


def test_each_empty_list_says_what_to_do(overview: Page) -> None:
    overview.see(".errors .placeholder >> text=nothing to do")
    for name in ("Pending 0", "Ended"):  # only the latest that ended are here, so they have no number
        overview.click(f"role=radio[name=/^{name}\\s*$/]")
        overview.see(by_role("link", "Start a task in the chat"))


def test_without_any_activity_the_steps_are_those_that_work_here(browser: Browser, newcomer: Path, site: Site) -> None:
    page = open_dashboard(browser, site)
    page.see("text=No agent activity yet")
    page.see("pre >> text=hookmeter doctor")
    pattern = "/^\\/.*hookmeter hooks install --sessions-dir/"
    page.wait_until(f"[...document.querySelectorAll('pre')].some((one) => {pattern}.test(one.innerText))")
    page.check_accessibility("getting-started")
    page.close()
