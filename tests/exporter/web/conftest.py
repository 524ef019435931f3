"""Servers on real sockets, and a certificate authority for them."""

import gzip
import resource
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest
import trustme

from exporter.web.config.web_config_file import WebConfigFile
from exporter.web.http.landing import landing_page
from exporter.web.http.limits import Limits
from exporter.web.http.server import MetricsServer
from exporter.web.http.site import Page
from exporter.web.listen import parse_listen

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
METRICS = {False: b"hookmeter_up 1\n", True: b"# TYPE hookmeter_up gauge\nhookmeter_up 1\n# EOF\n"}


@dataclass
class SmallSite:
    """One metric; each answer can be made to fail, to wait or to be large."""

    before_metrics: Callable[[], object] = lambda: None
    reason: Callable[[], str | None] = lambda: None
    padding: bytes = b""
    asked: list[bool] = field(default_factory=list)

    def metrics(self, openmetrics: bool) -> Page:
        self.asked.append(openmetrics)
        self.before_metrics()
        plain = self.padding + METRICS[openmetrics]
        return Page(plain, gzip.compress(plain, 1), OPENMETRICS_TYPE if openmetrics else TEXT_TYPE)

    def ready(self) -> str | None:
        return self.reason()

    def landing(self) -> str:
        return landing_page("1.2.3", [("Sessions", "7")])


class Serve(Protocol):
    def __call__(
        self, site: SmallSite | None = None, *, config: Path | None = None, limits: Limits | None = None
    ) -> MetricsServer: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    running = []

    def start(
        site: SmallSite | None = None, *, config: Path | None = None, limits: Limits | None = None
    ) -> MetricsServer:
        web_config = WebConfigFile(config) if config else None
        server = MetricsServer(site or SmallSite(), parse_listen("127.0.0.1:0"), web_config, limits)
        running.append((server, server.start_in_thread()))
        return server

    yield start
    for server, thread in running:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Both ends of many connections in one process take more descriptors than some systems grant at first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


def issue(authority: trustme.CA, folder: Path, *names: str) -> None:
    """Put a new certificate and its key there, as server.crt and server.key."""
    certificate = authority.issue_cert(*names)
    (folder / "server.crt").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(folder / "server.key")


@pytest.fixture
def folder(tmp_path: Path, authority: trustme.CA) -> Path:
    """A folder with a certificate for localhost, its key, and the authority's certificate."""
    issue(authority, tmp_path, "localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.crt")
    return tmp_path


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """How a client trusts that authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
