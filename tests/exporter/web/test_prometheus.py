"""A real Prometheus scrapes the server."""

import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from exporter.web.http.server import MetricsServer
from tests.exporter.web.client import until
from tests.exporter.web.config.test_basic_auth import PASSWORD, hashed
from tests.exporter.web.config.test_tls import CLIENT_AUTH
from tests.exporter.web.conftest import Serve, SmallSite

SCRAPE = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: hookmeter
    scheme: https
    tls_config: {{ca_file: ca.crt, cert_file: scraper.pem, key_file: scraper.pem, server_name: localhost}}
    basic_auth: {{username: prometheus, password: {password}}}
    static_configs: [{{targets: ["{target}"]}}]
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def scraping(prometheus: str, directory: Path, server: MetricsServer) -> Iterator[int]:
    """The port of a Prometheus that scrapes the server."""
    port = free_port()
    (directory / "prometheus.yml").write_text(SCRAPE.format(password=PASSWORD, target=server.address))
    command = [
        prometheus,
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.console.templates=/n",
        "--web.console.libraries=/n",
    ]
    with (directory / "prometheus.log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        yield port
        process.terminate()


def value(port: int, query: str) -> str | None:
    """The first value of a query's result; None while it is empty."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?query={query}", timeout=60) as reply:
            result = json.load(reply)["data"]["result"]
    except OSError:
        return None
    return str(result[0]["value"][1]) if result else None


def test_prometheus_scrapes_over_tls_with_a_certificate_and_a_password(
    serve: Serve, directory: Path, authority: trustme.CA, prometheus: str
) -> None:
    authority.issue_cert("scraper.example").private_key_and_cert_chain_pem.write_to_path(directory / "scraper.pem")
    (directory / "web.yml").write_text(f"{CLIENT_AUTH}basic_auth_users:\n  prometheus: {hashed(PASSWORD)}\n")
    site = SmallSite()
    server = serve(site, config=directory / "web.yml")
    with scraping(prometheus, directory, server) as port:
        until(lambda: value(port, "up") == "1")
        assert value(port, "hookmeter_up") == "1"
        until(lambda: len(site.requests) >= 3)
        assert server.connections == 1  # kept alive between the scrapes
    assert set(site.requests) == {True}
