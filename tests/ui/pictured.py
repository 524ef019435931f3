"""Running demos, empty servers and pages of them, of which pictures are taken."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.e2e.processes import free_port
from tests.ui.browser import ROOT, Browser, Page

DOCS = ROOT / "docs"
HOOKMETER = Path(sys.executable).with_name("hookmeter")
PASSWORD = re.compile(r"Log in as (\S+) with the password (\S+)")
ALL_COUNTED = "all existing logs are counted"
PROGRAMS = 2


@dataclass(frozen=True)
class Running:
    """What `hookmeter run` serves in an empty home: the addresses of its two programs, and what it has printed."""

    process: subprocess.Popen[str]
    home: str
    server: str
    exporter: str
    printed: str

    @property
    def account(self) -> tuple[str, str]:
        """Name and password of a demo's account."""
        found = PASSWORD.search(self.printed)
        assert found, self.printed
        return found[1], found[2]

    def stop(self) -> None:
        """Stop both programs, and wait until they have ended."""
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def running(*options: str) -> Iterator[Running]:
    """A `hookmeter run` with these options that has counted everything there is."""
    server, exporter = free_port(), free_port()
    addresses = ["--listen", f"127.0.0.1:{server}", "--metrics-listen", f"127.0.0.1:{exporter}"]
    with TemporaryDirectory() as home:
        path = os.pathsep.join([str(HOOKMETER.parent), os.environ["PATH"]])
        environment = {"HOME": home, "PATH": path, "PYTHONUNBUFFERED": "1"}
        command = [str(HOOKMETER), "run", *options, *addresses]
        with subprocess.Popen(command, cwd=home, env=environment, text=True, stdout=subprocess.PIPE) as process:
            try:
                printed = _until_counted(process)
                yield Running(process, home, f"http://127.0.0.1:{server}", f"http://127.0.0.1:{exporter}", printed)
            finally:
                process.terminate()


def _until_counted(process: subprocess.Popen[str]) -> str:
    """What is printed until both programs serve and everything is counted."""
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if ALL_COUNTED in printed and printed.count("hookmeter serves") == PROGRAMS:
            return printed
    raise AssertionError(f"hookmeter has ended: {printed}")


def open_page(
    browser: Browser, url: str, path: str, size: tuple[int, int], scheme: str = "light", scale: float = 1.5
) -> Page:
    """A page of a size in pixels, of which a picture has `scale` times as many."""
    screen: dict[str, Any] = {"width": size[0], "height": size[1]}
    page = browser.open(url, path, viewport=screen, deviceScaleFactor=scale, timezoneId="Europe/Berlin")
    page.use_color_scheme(scheme)
    return page


def take(page: Page, name: str) -> None:
    """Write the picture of a page."""
    page.evaluate("document.activeElement?.blur()")
    page.call("screenshot", {"path": str(DOCS / f"{name}.png")})


def save(page: Page, name: str) -> None:
    """Write the picture of a page, which is closed."""
    take(page, name)
    page.close()
