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
from exporter.web.listen_address import parse_listen

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
METRICS = {False: b"hookmeter_up 1\n", True: b"# TYPE hookmeter_up gauge\nhookmeter_up 1\n# EOF\n"}


@dataclass
class SmallSite:
    """A page with one metric, which can be made to fail, to block or to be large."""

    before_metrics: Callable[[], object] = lambda: None
    reason: Callable[[], str | None] = lambda: None
    padding: bytes = b""
    requests: list[bool] = field(default_factory=list)

    def metrics(self, openmetrics: bool) -> Page:
        self.requests.append(openmetrics)
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
    """A higher soft limit: both ends of many connections in one process need more descriptors than the default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


def issue(authority: trustme.CA, directory: Path, *names: str) -> None:
    """Write a new certificate and its key to server.crt and server.key."""
    certificate = authority.issue_cert(*names)
    (directory / "server.crt").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(directory / "server.key")


@pytest.fixture
def directory(tmp_path: Path, authority: trustme.CA) -> Path:
    """A directory with a certificate for localhost, its key, and the authority's certificate."""
    issue(authority, tmp_path, "localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.crt")
    return tmp_path


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """The context of a client that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
