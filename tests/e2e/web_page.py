"""A web page on loopback, by HTTPS, for Claude Code to read."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import trustme


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<p>Tea costs 3.</p>")

    def log_request(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def web_page(directory: Path) -> Iterator[tuple[str, Path]]:
    """The address of a page, and the certificate of its authority."""
    authority, file = trustme.CA(), directory / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}/", file
        finally:
            server.shutdown()
            thread.join()
