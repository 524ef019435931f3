"""A browser for all tests of the pages, and a server for each of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import program
from tests.e2e.conftest import claude, workplace
from tests.ui.browser import UI, Browser, Page, chromium
from tests.ui.site import Site, made_site

__all__ = ["claude", "workplace"]


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """What `npm ci` installs in chatserver/ui; the test is skipped where it has not been run."""
    found = UI / "node_modules"
    if not shutil.which("node") or not found.is_dir():
        pytest.skip("Node or chatserver/ui/node_modules is not installed; run npm ci there")
    return found


@pytest.fixture(scope="session")
def browser(node_modules: Path) -> Iterator[Browser]:
    with chromium(program("chromium")) as found:
        yield found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with made_site(tmp_path) as site:
        site.person()
        yield site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page at which ann is logged in, and at which nothing goes wrong that is not meant to."""
    page = site.entered(browser)
    yield page
    assert page.trouble() == []
    page.on("close")
