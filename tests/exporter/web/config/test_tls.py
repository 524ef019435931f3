import os
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from exporter.web.http.limits import Limits
from tests.exporter.web.client import (
    connect,
    connect_tls,
    get,
    is_closed,
    read_reply,
    read_to_end,
    request_bytes,
    until,
)
from tests.exporter.web.conftest import METRICS, Serve, SmallSite, issue

SERVER = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
CLIENT_AUTH = f"{SERVER}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
LARGE = b"# " + b"x" * 24_000_000 + b"\n"


def write(directory: Path, text: str) -> Path:
    path = directory / "web.yml"
    path.write_text(text)
    return path


def client_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    if names:
        authority.issue_cert(*names).configure_cert(context)
    return context


def refuses(attempt: Callable[[], object]) -> bool:
    """Whether the server ends the connection, at the handshake or right after it."""
    try:
        attempt()
    except OSError:
        return True
    return False


def test_a_scrape_over_tls(serve: Serve, directory: Path, trusting: ssl.SSLContext) -> None:
    server = serve(SmallSite(padding=LARGE), config=write(directory, SERVER))
    assert get(server, tls=trusting).body == LARGE + METRICS[False]


def test_relative_paths_start_at_the_directory_of_the_file(
    serve: Serve,
    directory: Path,
    trusting: ssl.SSLContext,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert get(serve(config=Path(os.path.relpath(write(directory, SERVER)))), tls=trusting).status == 200


def test_certificate_key_and_authority_may_be_inline(serve: Serve, directory: Path, authority: trustme.CA) -> None:
    texts = {"cert": "server.crt", "key": "server.key", "client_ca": "ca.crt"}
    lines = [
        f"  {key}: |\n    " + (directory / name).read_text().replace("\n", "\n    ") for key, name in texts.items()
    ]
    config = "tls_server_config:\n  client_auth_type: RequireAndVerifyClientCert\n" + "\n".join(lines)
    server = serve(config=write(directory, config))
    assert get(server, tls=client_context(authority, "scraper.example")).status == 200
    assert refuses(lambda: get(server, tls=client_context(authority)))


@pytest.mark.parametrize("first_bytes", [b"", b"\x16\x03\x01"])
def test_six_hundred_silent_clients_do_not_delay_a_scrape(
    many_descriptors: None, serve: Serve, directory: Path, trusting: ssl.SSLContext, first_bytes: bytes
) -> None:
    server = serve(config=write(directory, SERVER))
    with ExitStack() as stack:
        silent = [stack.enter_context(connect(server)) for _ in range(600)]
        for sock in silent[-300:]:
            sock.sendall(first_bytes)
        assert get(server, tls=trusting).status == 200
        assert not is_closed(silent[-1])  # the response did not wait for it to time out


def test_a_handshake_that_does_not_finish_is_aborted(serve: Serve, directory: Path) -> None:
    server = serve(config=write(directory, SERVER), limits=Limits(handshake=0.1))
    with connect(server) as silent, connect(server) as halfway:
        halfway.sendall(b"\x16\x03\x01")
        assert read_to_end(silent) == b""
        assert read_to_end(halfway) == b""


def test_a_slow_reader_is_dropped_and_affects_nobody(serve: Serve, directory: Path, trusting: ssl.SSLContext) -> None:
    server = serve(SmallSite(padding=LARGE), config=write(directory, SERVER), limits=Limits(send=1.0))
    with connect(server, trusting) as slow:
        slow.sendall(request_bytes("/metrics"))
        assert slow.recv(1)
        assert get(server, "/-/healthy", tls=trusting).status == 200
        until(lambda: server.connections == 0)


def test_a_connection_is_reused(serve: Serve, directory: Path, trusting: ssl.SSLContext) -> None:
    with connect(serve(config=write(directory, SERVER)), trusting) as sock:
        for _ in range(3):
            sock.sendall(request_bytes("/metrics"))
            assert read_reply(sock).body == METRICS[False]


def test_plain_http_to_a_tls_port_is_closed(serve: Serve, directory: Path, trusting: ssl.SSLContext) -> None:
    server = serve(config=write(directory, SERVER))
    with connect(server) as sock:
        sock.sendall(request_bytes("/metrics"))
        assert b"hookmeter" not in read_to_end(sock)
    assert get(server, tls=trusting).status == 200


def test_only_clients_of_the_authority_are_allowed_when_it_is_required(
    serve: Serve, directory: Path, authority: trustme.CA
) -> None:
    server = serve(config=write(directory, CLIENT_AUTH))
    assert get(server, tls=client_context(authority, "scraper.example")).status == 200
    unknown = client_context(authority)
    trustme.CA().issue_cert("scraper.example").configure_cert(unknown)
    assert refuses(lambda: get(server, tls=unknown))
    assert refuses(lambda: get(server, tls=client_context(authority)))


def test_a_certificate_is_verified_if_given_when_so_configured(
    serve: Serve, directory: Path, authority: trustme.CA
) -> None:
    server = serve(
        config=write(directory, CLIENT_AUTH.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven"))
    )
    assert get(server, tls=client_context(authority)).status == 200
    unknown = client_context(authority)
    trustme.CA().issue_cert("scraper.example").configure_cert(unknown)
    assert refuses(lambda: get(server, tls=unknown))


@pytest.mark.parametrize("name", ["scraper.example", "10.1.2.3", "::1", "ops@scraper.example"])
def test_only_the_allowed_names_are_accepted(serve: Serve, directory: Path, authority: trustme.CA, name: str) -> None:
    allowed = '  client_allowed_sans: [scraper.example, 10.1.2.3, "::1", ops@scraper.example]\n'
    server = serve(config=write(directory, CLIENT_AUTH + allowed))
    assert get(server, tls=client_context(authority, name)).status == 200
    assert refuses(lambda: get(server, tls=client_context(authority, "other.example", "10.1.2.4")))


def test_no_name_is_allowed_by_an_empty_list(serve: Serve, directory: Path, authority: trustme.CA) -> None:
    server = serve(config=write(directory, f"{CLIENT_AUTH}  client_allowed_sans: []\n"))
    assert refuses(lambda: get(server, tls=client_context(authority, "scraper.example")))


def test_a_certificate_that_is_replaced_is_served_at_once(
    serve: Serve, directory: Path, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    server = serve(config=write(directory, SERVER))
    with connect_tls(server, trusting) as kept:
        before = kept.getpeercert()
        issue(authority, directory, "localhost")
        with connect_tls(server, trusting) as renewed:
            assert renewed.getpeercert() != before
        kept.sendall(request_bytes("/metrics"))
        assert read_reply(kept).status == 200


def test_a_partial_replacement_refuses_everybody_until_it_is_complete(
    serve: Serve, directory: Path, authority: trustme.CA, trusting: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(config=write(directory, SERVER))
    key = (directory / "server.key").read_bytes()
    issue(authority, directory, "localhost")
    new_key = (directory / "server.key").read_bytes()
    (directory / "server.key").write_bytes(key)
    for _ in range(2):
        assert refuses(lambda: get(server, tls=trusting))
    (directory / "server.key").write_bytes(new_key)
    assert get(server, tls=trusting).status == 200
    assert [record.message.count("not a certificate and its key") for record in caplog.records] == [1]
