"""A real server for the browser: it can be stopped and started again with the same port and database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from chatserver.accounts.viewer import Viewer
from chatserver.server import create_app
from chatserver.services import Services, services_of
from chatserver.settings import ServerSettings
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.chatserver.world import PASSWORD, made_settings
from tests.e2e.processes import free_port
from tests.ui.browser import Browser, Page, by_role

USERNAME = "ann"


@dataclass
class Site:
    """A server with its settings and data, whether it is running or not."""

    directory: Path
    settings: ServerSettings
    port: int = field(default_factory=free_port)
    running_services: Services | None = None
    server: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def services(self) -> Services:
        assert self.running_services, "The server is not running."
        return self.running_services

    def start(self) -> None:
        app = create_app(self.settings)
        services = services_of(app)
        services.start()
        self.running_services = services
        self.server.enter_context(served(app, self.port, services))

    def stop(self) -> None:
        self.server.close()
        self.running_services = None

    def release(self) -> None:
        """Let held tasks continue."""
        (self.settings.tasks.workspaces[0] / "go").touch()

    def add_user(self, name: str = USERNAME, role: str = "user") -> Viewer:
        return self.services.users.add_user(name, PASSWORD, role).viewer

    def open_chat(self, browser: Browser, name: str = USERNAME, **options: Any) -> Page:
        """The chat page with a user logged in."""
        page = browser.open(self.url, "/chat", **options)
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
def running_site(directory: Path, **changes: Any) -> Iterator[Site]:
    """A running server whose tasks are carried out by the fake Claude Code."""
    settings = made_settings(directory, **changes)
    site = Site(directory, settings)
    site.start()
    try:
        yield site
    finally:
        site.stop()


@contextmanager
def counted_site(directory: Path, write: Callable[[Path, Path], None]) -> Iterator[Site]:
    """A running server with a ledger of what is written to its hook logs and its transcripts."""
    exporter, projects = made_settings(directory).exporter, directory / "projects"
    exporter, logs = replace(exporter, transcript_roots=(str(projects),)), exporter.sessions_dirs[0]
    write(logs, projects)
    with open_ledger(exporter.data_dir, 200) as ledger:
        Meter([str(logs)], ledger, transcript_roots=[str(projects)]).catch_up()
    with running_site(directory, exporter=exporter) as site:
        yield site


def fill_log_in(page: Page, name: str = USERNAME, password: str = PASSWORD) -> None:
    """Submit the login form of either page."""
    page.fill("role=textbox[name='Username']", name)
    page.fill("input[type=password]", password)
    page.click("button[type=submit]")


def log_in(page: Page, name: str = USERNAME, password: str = PASSWORD) -> None:
    """Log in to the chat."""
    fill_log_in(page, name, password)
    page.see(by_role("textbox", "Message"))


def send(page: Page, text: str) -> None:
    page.fill("#message", text)
    page.click("role=button[name='Send']")
