"""What the doctor finds at the exporter's address."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trustme

from exporter.web.http.server import MetricsServer
from tests.exporter.reports.examined_home import errors, examined
from tests.exporter.web.conftest import SmallSite
from tests.support.hookmeter_process import Home


@contextmanager
def listening(server: http.server.HTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class OtherServer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


def test_another_server_at_the_address_is_found(ready: Home) -> None:
    with listening(http.server.HTTPServer(("127.0.0.1", 0), OtherServer)) as address:
        assert f"the server at {address} is not hookmeter" in errors(ready, address)[0]


def test_a_server_that_never_responds_is_found(ready: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert f"{address} does not respond" in errors(ready, address)[0]


def test_an_exporter_that_is_not_ready_is_found(ready: Home) -> None:
    from exporter.web.listen_address import parse_listen  # noqa: PLC0415

    server = MetricsServer(SmallSite(reason=lambda: "Still reading."), parse_listen("127.0.0.1:0"))
    thread = server.start_in_thread()
    try:
        assert f"{server.address}: Still reading. -> Wait" in errors(ready, str(server.address))[0]
    finally:
        server.stop()
        thread.join()


def test_an_exporter_with_basic_auth_is_recognized(ready: Home) -> None:
    (ready.path / "web.yml").write_text(
        "basic_auth_users:\n  me: $2b$04$QkQmnBTJBFqGwAEqYLDHLuvYHbGVbDVEeGVDVmTMnrfEzkeVnFuJe\n"
    )
    with ready.exporting("--web.config.file", "web.yml") as exporter:
        code, found = examined(ready, exporter.address)
    assert (code, found[-1]) == (0, ("ok", "exporter", f"{exporter.address} responds and requires a password"))


def test_an_exporter_with_tls_is_found_ready(ready: Home, authority: trustme.CA) -> None:
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(ready.path / "both.pem")
    (ready.path / "web.yml").write_text("tls_server_config: {cert_file: both.pem, key_file: both.pem}\n")
    with ready.exporting("--web.config.file", "web.yml") as exporter:
        assert exporter.url.startswith("https://")
        code, found = examined(ready, exporter.address)
    assert (code, found[-1]) == (0, ("ok", "exporter", f"{exporter.address} is ready"))


def test_an_exporter_that_requires_a_client_certificate_is_no_error(ready: Home, authority: trustme.CA) -> None:
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(ready.path / "both.pem")
    authority.cert_pem.write_to_path(ready.path / "ca.pem")
    (ready.path / "web.yml").write_text(
        "tls_server_config:\n  {cert_file: both.pem, key_file: both.pem, client_ca_file: ca.pem,"
        " client_auth_type: RequireAndVerifyClientCert}\n"
    )
    with ready.exporting("--web.config.file", "web.yml") as exporter:
        code, found = examined(ready, exporter.address)
    assert (code, found[-1]) == (
        0,
        ("ok", "exporter", f"{exporter.address} responds and requires a client certificate"),
    )


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    assert ssl.HAS_TLSv1_3
    return trustme.CA()


def test_port_0_cannot_be_probed(ready: Home) -> None:
    code, found = examined(ready, "127.0.0.1:0")
    assert (code, found[-1][:2]) == (0, ("info", "exporter"))


def test_an_exporter_that_is_elsewhere_is_neither_probed_nor_is_its_ledger_checked(ready: Home) -> None:
    (ready.data / "ledger.sqlite3").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        in_container = ready.with_variables(HOOKMETER_EXPORTER_ELSEWHERE="true")
        code, found = examined(in_container, address)
        assert (code, found) == examined(ready, address, "--exporter-elsewhere")
    assert code == 0
    assert [subject for _, subject, _ in found] == [
        "hooks", "quotas", "logs", "transcripts", "sessions", "prices", "path", "exporter",
    ]  # fmt: skip
    remedy = "Where it runs, run: hookmeter doctor"
    message = f"runs elsewhere and has its ledger there, by --exporter-elsewhere -> {remedy}"
    assert found[-1] == ("info", "exporter", message)
