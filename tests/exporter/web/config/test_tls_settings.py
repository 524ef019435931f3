"""Handshakes follow tls_server_config."""

import ssl
from pathlib import Path

import pytest

from tests.exporter.web.client import connect_tls
from tests.exporter.web.config.test_tls import SERVER, refuses, write
from tests.exporter.web.conftest import Serve


def test_the_default_is_tls_1_2_and_newer(serve: Serve, directory: Path, trusting: ssl.SSLContext) -> None:
    server = serve(config=write(directory, SERVER))
    with connect_tls(server, trusting) as sock:
        assert (sock.version(), sock.selected_alpn_protocol()) == ("TLSv1.3", None)
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    with connect_tls(server, trusting) as sock:
        assert (sock.version(), sock.selected_alpn_protocol()) == ("TLSv1.2", "http/1.1")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_older_versions_have_to_be_enabled(
    serve: Serve, directory: Path, trusting: ssl.SSLContext, version: str
) -> None:
    trusting.minimum_version = trusting.maximum_version = ssl.TLSVersion[version]
    trusting.set_ciphers("DEFAULT:@SECLEVEL=0")
    assert refuses(lambda: connect_tls(serve(config=write(directory, SERVER)), trusting))
    server = serve(config=write(directory, f"{SERVER}  min_version: TLS10\n"))
    with connect_tls(server, trusting) as sock:
        assert sock.version() == version.replace("_", ".")


def test_the_newest_version_may_be_the_only_one(serve: Serve, directory: Path, trusting: ssl.SSLContext) -> None:
    server = serve(config=write(directory, f"{SERVER}  min_version: TLS13\n"))
    with connect_tls(server, trusting) as sock:
        assert sock.version() == "TLSv1.3"
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    assert refuses(lambda: connect_tls(server, trusting))


def test_the_cipher_suites_are_those_named_in_the_order_of_the_server(
    serve: Serve, directory: Path, trusting: ssl.SSLContext
) -> None:
    names = "[TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]"
    config = f"{SERVER}  max_version: TLS12\n  cipher_suites: {names}\n"
    trusting.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384")
    with connect_tls(serve(config=write(directory, config)), trusting) as sock:
        assert chosen(sock) == "ECDHE-ECDSA-AES256-GCM-SHA384"
    config += "  prefer_server_cipher_suites: false\n"
    with connect_tls(serve(config=write(directory, config)), trusting) as sock:
        assert chosen(sock) == "ECDHE-ECDSA-AES128-GCM-SHA256"
    trusting.set_ciphers("ECDHE-ECDSA-CHACHA20-POLY1305")
    assert refuses(lambda: connect_tls(serve(config=write(directory, config)), trusting))


def chosen(sock: ssl.SSLSocket) -> str | None:
    cipher = sock.cipher()
    return cipher and cipher[0]


@pytest.mark.parametrize(
    ("name", "curve"),
    [("CurveP256", "prime256v1"), ("CurveP384", "secp384r1"), ("CurveP521", "secp521r1")],
)
def test_the_curve_is_the_one_named(
    serve: Serve, directory: Path, trusting: ssl.SSLContext, name: str, curve: str
) -> None:
    server = serve(config=write(directory, f"{SERVER}  curve_preferences: [{name}]\n"))
    trusting.set_ecdh_curve(curve)
    connect_tls(server, trusting).close()
    trusting.set_ecdh_curve("secp384r1" if curve != "secp384r1" else "prime256v1")
    assert refuses(lambda: connect_tls(server, trusting))
