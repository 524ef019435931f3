"""A real browser: Debian's Chromium, driven by playwright-core in Node."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.processes import wait_for

ROOT = Path(__file__).parents[2]
UI = ROOT / "chatserver" / "ui"
SHOTS = ROOT / "test-results" / "ui"
DRIVER = Path(__file__).with_name("browser.mjs")
SCHEMES = ("light", "dark")
# What may scroll, but not sideways.
BOXES = ".sidebar, .thread, .drawer, [role=listbox]"
WIDE = ".filter((one) => one.scrollWidth > one.clientWidth && one.clientWidth > 1).map((one) => one.outerHTML)"


class BrowserError(AssertionError):
    """What the browser was told could not be done."""


@dataclass(frozen=True)
class Browser:
    """Chromium, and the Node process that talks with it."""

    process: subprocess.Popen[str]

    def tell(self, deed: str, **more: Any) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"do": deed, **more}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "The browser has gone."
        answer = json.loads(line)
        if "error" in answer:
            raise BrowserError(answer["error"])
        return answer["value"]

    def open(self, url: str, **options: Any) -> Page:
        """A page with cookies of its own."""
        given = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options}
        page = Page(self, self.tell("open", options=given), url)
        page.on("goto", f"{url}/chat")
        return page


@dataclass(frozen=True)
class Page:
    """A page, by Playwright's selectors; each deed waits until it can be done."""

    browser: Browser
    number: int
    url: str

    def on(self, call: str, *words: Any, at: str | None = None) -> Any:
        return self.browser.tell("on", page=self.number, at=at, call=call, words=words)

    def click(self, at: str) -> None:
        self.on("click", at=at)

    def fill(self, at: str, text: str) -> None:
        self.on("fill", text, at=at)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.tell("press", page=self.number, key=key)

    def type(self, text: str) -> None:
        self.browser.tell("type", page=self.number, text=text)

    def texts(self, at: str) -> list[str]:
        """The texts of all that the selector finds."""
        found: list[str] = self.on("allInnerTexts", at=at)
        return found

    def text(self, at: str) -> str:
        found: str = self.on("innerText", at=at)
        return found

    def see(self, at: str) -> None:
        """Wait until it shows."""
        self.on("waitFor", {"state": "visible"}, at=f"{at} >> nth=0")

    def miss(self, at: str) -> None:
        """Wait until it shows no more."""
        self.on("waitFor", {"state": "hidden"}, at=f"{at} >> nth=0")

    def holds(self, expression: str) -> None:
        """Wait until it is true in the page."""
        wait_for(lambda: self.value(expression) is True, expression)

    def value(self, expression: str) -> Any:
        return self.on("evaluate", expression)

    def focused(self) -> str:
        """What has the focus: its label or text."""
        name = "document.activeElement"
        found: str = self.value(f"({name}.getAttribute('aria-label') || {name}.innerText || {name}.id).trim()")
        return found

    def trouble(self) -> list[str]:
        """Errors, dialogs and broken rules of the page so far."""
        found: list[str] = self.browser.tell("trouble", page=self.number)
        return found

    def elsewhere(self) -> list[str]:
        """What was asked of other servers."""
        return [url for url in self.browser.tell("asked", page=self.number) if not url.startswith((self.url, "data:"))]

    def shot(self, name: str) -> None:
        """Screenshots, light and dark, to look at."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        for scheme in SCHEMES:
            self.on("emulateMedia", {"colorScheme": scheme, "reducedMotion": "reduce"})
            self.on("screenshot", {"path": str(SHOTS / f"{name}-{scheme}.png")})

    def check_access(self, name: str) -> None:
        """axe finds nothing, in light and dark, and nothing is wider than the page; with screenshots."""
        found = {}
        for scheme in SCHEMES:
            self.on("emulateMedia", {"colorScheme": scheme, "reducedMotion": "reduce"})
            found[scheme] = self.browser.tell("axe", page=self.number)
        self.shot(name)
        assert found == {"light": [], "dark": []}, found
        wide = self.value(f"[document.documentElement, ...document.querySelectorAll({BOXES!r})]{WIDE}")
        assert wide == [], wide


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    command = ["node", str(DRIVER), str(UI), program]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        try:
            yield Browser(process)
        finally:
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def named(role: str, name: str) -> str:
    """The selector of what has a role and a name, which may go on."""
    return f"role={role}[name=/^{re.escape(name)}/]"
