"""A real browser: Chromium, driven by playwright-core in a Node process."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.processes import wait_for

ROOT = Path(__file__).parents[2]
UI = ROOT / "chatserver" / "ui"
SCREENSHOTS = ROOT / "test-results" / "ui"
DRIVER = Path(__file__).with_name("browser.mjs")
COLOR_SCHEMES = ("light", "dark")
# Elements that may scroll vertically, but not horizontally.
SCROLLERS = ".sidebar, .chats, .sidebar > .running, .thread, .drawer, [role=listbox]"
OVERFLOWING = ".filter((one) => one.scrollWidth > one.clientWidth && one.clientWidth > 1).map((one) => one.outerHTML)"


class BrowserError(AssertionError):
    """A command that failed in the browser, most often by its timeout."""


@dataclass(frozen=True)
class Browser:
    """Chromium, behind the Node process that controls it."""

    process: subprocess.Popen[str]

    def send(self, action: str, **parameters: Any) -> Any:
        """Send one command and return the value of its response."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"action": action, **parameters}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "The browser process has exited."
        response = json.loads(line)
        if "error" in response:
            raise BrowserError(response["error"])
        return response["value"]

    def open(self, url: str, path: str, **options: Any) -> Page:
        """Open a page in a context of its own, so with its own cookies."""
        defaults = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}
        page = Page(self, self.send("open", options=defaults | options), url)
        page.goto(path)
        return page


@dataclass(frozen=True)
class Page:
    """A browser page; selectors are Playwright's, and each action waits until its element is ready."""

    browser: Browser
    number: int
    url: str

    def call(self, method: str, *args: Any, selector: str | None = None) -> Any:
        """Call a method of Playwright's page, or of the locator of a selector."""
        return self.browser.send("call", page=self.number, selector=selector, method=method, args=args)

    def goto(self, path: str) -> None:
        self.call("goto", f"{self.url}{path}")

    def open_in_same_context(self, path: str) -> Page:
        """Open another page that shares the cookies of this one."""
        page = Page(self.browser, self.browser.send("openInSameContext", page=self.number), self.url)
        page.goto(path)
        return page

    def close(self) -> None:
        self.call("close")

    def click(self, selector: str) -> None:
        self.call("click", selector=selector)

    def focus(self, selector: str) -> None:
        self.call("focus", selector=selector)

    def fill(self, selector: str, text: str) -> None:
        self.call("fill", text, selector=selector)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.send("press", page=self.number, key=key)

    def type(self, text: str) -> None:
        self.browser.send("type", page=self.number, text=text)

    def texts(self, selector: str) -> list[str]:
        """The texts of all matching elements, without waiting."""
        found: list[str] = self.call("allInnerTexts", selector=selector)
        return found

    def see_texts(self, selector: str, texts: list[str], *, in_any_order: bool = False) -> None:
        """Wait until these are the texts of all matching elements."""

        def seen() -> list[str]:
            return sorted(self.texts(selector)) if in_any_order else self.texts(selector)

        expected = sorted(texts) if in_any_order else texts
        with suppress(AssertionError):
            wait_for(lambda: seen() == expected, "the texts")
        assert seen() == expected

    def see_number(self, selector: str, number: int) -> None:
        """Wait until so many elements match."""
        with suppress(AssertionError):
            wait_for(lambda: len(self.texts(selector)) == number, "the elements")
        assert len(self.texts(selector)) == number

    def text(self, selector: str) -> str:
        found: str = self.call("innerText", selector=selector)
        return found

    def see(self, selector: str, timeout_ms: int | None = None) -> None:
        """Wait until a matching element is visible."""
        self._wait_for_state("visible", selector, timeout_ms)

    def see_gone(self, selector: str) -> None:
        """Wait until no matching element is visible."""
        self._wait_for_state("hidden", selector)

    def _wait_for_state(self, state: str, selector: str, timeout_ms: int | None = None) -> None:
        timeout = {} if timeout_ms is None else {"timeout": timeout_ms}
        self.call("waitFor", {"state": state, **timeout}, selector=f"{selector} >> nth=0")

    def wait_until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true."""
        wait_for(lambda: self.evaluate(expression) is True, expression)

    def evaluate(self, expression: str) -> Any:
        return self.call("evaluate", expression)

    def focused(self) -> str:
        """The label, text or id of the focused element."""
        name = "document.activeElement"
        found: str = self.evaluate(f"({name}.getAttribute('aria-label') || {name}.innerText || {name}.id).trim()")
        return found

    @contextmanager
    def holding(self, pattern: str) -> Iterator[None]:
        """Hold back the requests whose URL matches a pattern of Playwright's, until the end of the block."""
        self.browser.send("hold", page=self.number, pattern=pattern)
        try:
            yield
        finally:
            self.browser.send("release", page=self.number)

    @contextmanager
    def refusing(self, pattern: str, status: int, detail: str = "") -> Iterator[None]:
        """Answer the requests whose URL matches a pattern with a problem; with status 0, they get no response."""
        self.browser.send("refuse", page=self.number, pattern=pattern, status=status, detail=detail)
        try:
            yield
        finally:
            self.browser.send("release", page=self.number)

    def see_held(self) -> None:
        """Wait until a request is held back."""
        wait_for(lambda: self.browser.send("held", page=self.number) > 0, "a request that is held back")

    def problems(self) -> list[str]:
        """Script errors, console errors and alerts so far."""
        found: list[str] = self.browser.send("problems", page=self.number)
        return found

    def requests(self) -> list[str]:
        """The URLs requested so far."""
        found: list[str] = self.browser.send("requests", page=self.number)
        return found

    def foreign_requests(self) -> list[str]:
        """The URLs of other servers requested so far."""
        return [url for url in self.requests() if not url.startswith((self.url, "data:"))]

    def use_color_scheme(self, scheme: str) -> None:
        self.call("emulateMedia", {"colorScheme": scheme, "reducedMotion": "reduce"})

    def screenshot(self, name: str, **options: Any) -> None:
        """Save a screenshot for each color scheme; the page is left in the dark one."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for scheme in COLOR_SCHEMES:
            self.use_color_scheme(scheme)
            self.call("screenshot", {"path": str(SCREENSHOTS / f"{name}-{scheme}.png"), **options})

    def check_accessibility(self, name: str) -> None:
        """Assert that axe finds no violations in either color scheme, and that nothing overflows; save screenshots."""
        violations = {}
        for scheme in COLOR_SCHEMES:
            self.use_color_scheme(scheme)
            violations[scheme] = self.browser.send("axe", page=self.number)
        self.screenshot(name)
        assert violations == {"light": [], "dark": []}, violations
        elements = f"[document.documentElement, ...document.querySelectorAll({SCROLLERS!r})]"
        overflowing = self.evaluate(f"{elements}{OVERFLOWING}")
        assert overflowing == [], overflowing


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


def by_role(role: str, name: str) -> str:
    """The selector of elements with a role, and a name that starts with `name`."""
    return f"role={role}[name=/^{re.escape(name)}/]"
