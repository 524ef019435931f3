"""One browser for all tests of the pages, and a server for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import program
from tests.e2e.conftest import claude, workplace
from tests.ui.browser import UI, Browser, Page, chromium
from tests.ui.site import Site, running_site

__all__ = ["claude", "workplace"]


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The modules of `npm ci` in chatserver/ui; the test is skipped without them."""
    found = UI / "node_modules"
    if not shutil.which("node") or not found.is_dir():
        pytest.skip("Node or chatserver/ui/node_modules is missing; run npm ci in chatserver/ui")
    return found


@pytest.fixture(scope="session")
def browser(node_modules: Path) -> Iterator[Browser]:
    with chromium(program("chromium")) as found:
        yield found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running_site(tmp_path) as site:
        site.add_user()
        yield site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """The chat page with ann logged in; the test fails if the page reports a problem."""
    page = site.open_chat(browser)
    yield page
    assert page.problems() == []
    page.close()
