"""One request to whatever listens at an address, over plain HTTP or TLS."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass

from exporter.web.listen_address import ListenAddress

TIMEOUT_SECONDS = 2.0
MAX_BODY_BYTES = 1000
LOOPBACK_OF = {"": "localhost", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - reaches a server on all interfaces


class CertificateRequiredError(Exception):
    """The server accepts only clients with a certificate."""


@dataclass(frozen=True, slots=True)
class ProbeResponse:
    """The status, the start of the body, and the WWW-Authenticate header."""

    status: int
    body: str
    authenticate: str


def probe(address: ListenAddress, path: str, max_bytes: int = MAX_BODY_BYTES) -> ProbeResponse:
    """Send a GET request, and read the start of the response.

    Raises CertificateRequiredError, OSError, or HTTPException if neither protocol is spoken.
    """
    host = LOOPBACK_OF.get(address.host, address.host)
    try:
        return _get(http.client.HTTPConnection(host, address.port, timeout=TIMEOUT_SECONDS), path, max_bytes)
    except (ConnectionResetError, http.client.BadStatusLine):
        # Only the kind of server is of interest, and nothing confidential is sent.
        unverified = ssl._create_unverified_context()  # noqa: S323
        connection = http.client.HTTPSConnection(host, address.port, timeout=TIMEOUT_SECONDS, context=unverified)
        return _get_over_tls(connection, path, max_bytes)


def _get_over_tls(connection: http.client.HTTPSConnection, path: str, max_bytes: int) -> ProbeResponse:
    try:
        connection.connect()
    except (ConnectionResetError, ssl.SSLError) as error:
        connection.close()
        raise http.client.BadStatusLine("neither HTTP nor TLS") from error
    try:
        return _get(connection, path, max_bytes)
    except (ConnectionResetError, http.client.BadStatusLine, ssl.SSLError) as error:
        raise CertificateRequiredError from error  # with TLS 1.3 a server refuses only after the handshake


def _get(connection: http.client.HTTPConnection, path: str, max_bytes: int) -> ProbeResponse:
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read(max_bytes).decode("utf-8", "replace").strip()
        return ProbeResponse(response.status, body, response.headers.get("WWW-Authenticate", ""))
    finally:
        connection.close()
