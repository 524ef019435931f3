"""Write the pictures in docs from the pages of the demo: `make pictures`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from tests.e2e.processes import free_port
from tests.ui.browser import ROOT, Browser, Page, chromium
from tests.ui.site import fill_log_in

DOCS = ROOT / "docs"
HOOKMETER = Path(sys.executable).with_name("hookmeter")
PASSWORD = re.compile(r"Log in as (\S+) with the password (\S+)")
ALL_COUNTED = "all existing logs are counted"
# A session with sub-agents and errors.
FIND_SESSION = """
fetch("/api/sessions?since=24h&failed=true&limit=100").then((response) => response.json())
    .then(({ sessions }) => sessions.find(({ agents }) => agents.length > 1).session_uuid)
"""


@dataclass(frozen=True)
class Demo:
    """A running demo: the addresses of its two programs, and the account of its chat."""

    server: str
    exporter: str
    user: str
    password: str


@contextmanager
def running_demo() -> Iterator[Demo]:
    server, exporter = free_port(), free_port()
    addresses = ["--listen", f"127.0.0.1:{server}", "--metrics-listen", f"127.0.0.1:{exporter}"]
    with TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
        command = [str(HOOKMETER), "run", "--demo", *addresses]
        with subprocess.Popen(command, cwd=home, env=environment, text=True, stdout=subprocess.PIPE) as process:
            try:
                user, password = _account(process)
                yield Demo(f"http://127.0.0.1:{server}", f"http://127.0.0.1:{exporter}", user, password)
            finally:
                process.terminate()


def _account(process: subprocess.Popen[str]) -> tuple[str, str]:
    """The account that the demo prints, once it has counted all of its logs."""
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if ALL_COUNTED in line and (found := PASSWORD.search(printed)):
            return found[1], found[2]
    raise AssertionError(f"The demo has ended: {printed}")


def _open(browser: Browser, url: str, path: str, width: int, height: int, scheme: str = "light") -> Page:
    screen: dict[str, Any] = {"width": width, "height": height}
    page = browser.open(url, path, viewport=screen, deviceScaleFactor=1.5, timezoneId="Europe/Berlin")
    page.use_color_scheme(scheme)
    return page


def _save(page: Page, name: str) -> None:
    page.evaluate("document.activeElement?.blur()")
    page.call("screenshot", {"path": str(DOCS / f"{name}.png")})
    page.close()


def take_landing(browser: Browser, demo: Demo) -> None:
    page = _open(browser, demo.exporter, "/", 820, 700)
    _save(page, "landing")


def take_dashboard(browser: Browser, demo: Demo) -> None:
    page = _open(browser, demo.server, "/", 1280, 1512)
    page.see(".work-item.completed >> nth=1", timeout_ms=60_000)
    page.see(".tools canvas >> nth=1")
    _save(page, "dashboard")


def take_session(browser: Browser, demo: Demo) -> None:
    page = _open(browser, demo.server, "/", 1280, 860, "dark")
    session = page.evaluate(FIND_SESSION)
    page.goto(f"/?session={session}")
    page.see(".timeline-legend")
    page.see(".call >> nth=16")
    _save(page, "session")


def take_chat(browser: Browser, demo: Demo) -> None:
    page = _open(browser, demo.server, "/chat", 1000, 780)
    fill_log_in(page, demo.user, demo.password)
    page.click("a:has-text('Why is the total of a cart')")
    page.see(".message table")
    page.see("summary:has-text('steps')")
    page.fill("#message", "Add the cases of the last report to the tests")
    _save(page, "chat")


PICTURES = (take_landing, take_dashboard, take_session, take_chat)


def main() -> None:
    program = which("chromium") or sys.exit("chromium is not installed; the pictures are taken with it")
    with running_demo() as demo, chromium(program) as browser:
        for take in PICTURES:
            take(browser, demo)


if __name__ == "__main__":
    main()
