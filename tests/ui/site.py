"""The real server for a browser: it can be ended and begun anew at the same address, with the same database."""

from __future__ import annotations

import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from chatserver.server import create_app
from chatserver.services import Services, services_of
from chatserver.settings import ServerSettings
from tests.chatserver.world import PASSWORD, made_settings
from tests.e2e.processes import free_port
from tests.ui import fake_claude
from tests.ui.browser import Browser, Page, named

NAME = "ann"


@dataclass
class Site:
    """The server while it runs, and its folder while it does not."""

    folder: Path
    settings: ServerSettings
    port: int = field(default_factory=free_port)
    services: Services | None = None
    running: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def here(self) -> Services:
        assert self.services, "The server does not run."
        return self.services

    def start(self) -> None:
        app = create_app(self.settings)
        found = services_of(app)
        found.start()
        self.services = found
        self.running.enter_context(served(app, self.port, found))

    def stop(self) -> None:
        self.running.close()
        self.services = None

    def go_on(self) -> None:
        """Let the tasks that hold go on."""
        (self.folder / "go").touch()

    def person(self, name: str = NAME, role: str = "user") -> str:
        return self.here.users.add_user(name, PASSWORD, role).user_id

    def entered(self, browser: Browser, name: str = NAME, **options: Any) -> Page:
        """A page at which somebody is logged in."""
        page = browser.open(self.url, **options)
        log_in(page, name)
        return page


@contextmanager
def served(app: Flask, port: int, services: Services) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        services.close()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def made_site(folder: Path, **changes: Any) -> Iterator[Site]:
    """The site at work, with one person."""
    settings = made_settings(folder, **changes)
    program = [sys.executable, fake_claude.__file__, str(folder)]
    Path(settings.tasks.claude).write_text(f'#!/bin/sh\nexec {shlex.join(program)} "$@"\n')
    site = Site(folder, settings)
    site.start()
    try:
        yield site
    finally:
        site.stop()


def log_in(page: Page, name: str = NAME, password: str = PASSWORD) -> None:
    page.fill("role=textbox[name='Name']", name)
    page.fill("input[type=password]", password)
    page.click("button[type=submit]")
    page.see(named("textbox", "Message"))


def send(page: Page, text: str) -> None:
    page.fill("#message", text)
    page.click("role=button[name='Send']")
