"""The site on the servers that carry it: werkzeug's with threads, and gunicorn's gevent worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import make_server

from tests.chatserver.chat.site import CLAUDE, DIRECTORY, URL, Site, made_settings, made_site, started
from tests.e2e.processes import free_port, wait_for

PATIENCE_SECONDS = 20


@contextmanager
def threaded(directory: Path, url: str, claude: str) -> Iterator[tuple[str, Site]]:
    """Its address, and what serves there."""
    with made_site(made_settings(directory, url, claude)) as site, started(site):
        server = make_server("127.0.0.1", 0, site.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", site
        finally:
            site.hub.close()
            server.shutdown()
            thread.join()
            server.server_close()


@contextmanager
def gunicorn(directory: Path, url: str, claude: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its address, and its process."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "-c", "python:tests.chatserver.chat.gunicorn_hooks", "-k", "gevent",
        "--no-control-socket", "--graceful-timeout", "5", "-b", f"127.0.0.1:{port}", "tests.chatserver.chat.site:app()",
    ]  # fmt: skip
    environment = os.environ | {DIRECTORY: str(directory), URL: url, CLAUDE: claude}
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            wait_for(lambda: answers(port) or process.poll() is not None, "gunicorn to listen")
            assert process.poll() is None, process.communicate()[0]
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
            sys.stdout.write(said)


def answers(port: int) -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
