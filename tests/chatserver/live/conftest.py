"""The app on real servers: threads in this process, and gunicorn's gevent and threaded workers in one of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.chatserver.live.app import create_app
from tests.e2e.processes import free_port, wait_for

ROOT = Path(__file__).parents[3]
Serve = Callable[..., int]
WORKERS = {"gevent": ("--worker-connections=2000",), "gthread": ("--threads=400",)}


@pytest.fixture(params=["threads", "gevent", "gthread"])
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serve]:
    """Starts the app with these bounds, and gives its port."""
    with ExitStack() as stack:

        def start(**bounds: Any) -> int:
            if request.param == "threads":
                return stack.enter_context(threads(create_app(str(tmp_path), **bounds)))
            return stack.enter_context(gunicorn(request.param, str(tmp_path), bounds))

        yield start


@contextmanager
def threads(app: Flask) -> Iterator[int]:
    """The app on werkzeug's server, in this process: its port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def gunicorn(worker: str, directory: str, bounds: dict[str, Any]) -> Iterator[int]:
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", f"--worker-class={worker}", *WORKERS[worker],
        "--graceful-timeout=1", "--no-control-socket", "--log-level=warning", "tests.chatserver.live.app:create_app()",
    ]  # fmt: skip
    told = json.dumps({"directory": directory, **bounds})
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "LIVE_TEST": told})
    try:
        _wait_until_it_listens(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)  # at once, whatever is open
        process.wait(timeout=60)


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    wait_for(lambda: process.poll() is not None or _listens(port), "gunicorn to listen")
    assert process.poll() is None


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


class _Quiet(WSGIRequestHandler):
    """Logs no requests."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - as the base has it
        pass
