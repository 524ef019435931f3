"""`hookmeter server` and `hookmeter run` as people start them: real processes, ended by their own ids."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from chatserver.process.gunicorn_app import GRACE_SECONDS
from tests.chatserver.started import HOOKMETER, Started, answers, started
from tests.chatserver.world import PASSWORD
from tests.e2e.processes import free_port, wait_for
from tests.fakes import claude
from tests.support.page import fetch, sample, samples_of

KEY = "a key of the tests that is long enough"
FEW_DESCRIPTORS = 256
LOG_IN = b"POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a server that has nothing yet."""
    claude.install(tmp_path)
    others = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKMETER_", "JWT_"))}
    own = {"DATA_DIR": "data", "CLAUDE": "claude", "WORKSPACE": "", "SESSIONS_DIR": "logs", "TRANSCRIPTS_DIR": "none"}
    return {**others, **{f"HOOKMETER_{name}": str(tmp_path / value) for name, value in own.items()}}


def refused(environment: Mapping[str, str], *words: str) -> str:
    """The one line with which a command refuses, and exits with 2."""
    done = subprocess.run([HOOKMETER, *words], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    return line


def connected(server: Started) -> socket.socket:
    """A connection to it, on which nothing is said yet."""
    host, _, port = server.addresses[-1].rpartition("/")[2].rpartition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def test_sigterm_ends_streams_and_tasks_cleanly(environment: dict[str, str]) -> None:
    with started(environment, "server", "--listen", "127.0.0.1:0") as server:
        task = server.running_task(server.registered())
        assert psutil.pid_exists(task["pid"])
        with connected(server) as stream:
            stream.sendall(b"GET /api/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
            assert b"200 OK" in stream.recv(1 << 16)
            server.process.send_signal(signal.SIGTERM)
            rest = b"".join(iter(lambda: stream.recv(1 << 16), b""))
        assert b"event: bye" in rest
        assert rest.endswith(b"0\r\n\r\n")
        assert server.process.wait(30) == 0
        assert not psutil.pid_exists(task["pid"])


def test_sigterm_while_the_worker_starts_ends_the_server_before_its_patience_is_over(
    environment: dict[str, str],
) -> None:
    with subprocess.Popen([HOOKMETER, "server", "--listen", "127.0.0.1:0"], env=environment) as server:
        while not psutil.Process(server.pid).children():
            assert server.poll() is None  # asked without a pause: the worker heeds no signal for a moment only
        server.send_signal(signal.SIGTERM)
        assert server.wait(GRACE_SECONDS - 1) == 0


def test_a_task_that_the_server_left_running_when_it_was_killed_is_ended_by_the_next(
    environment: dict[str, str],
) -> None:
    address = f"127.0.0.1:{free_port()}"
    with started(environment, "server", "--listen", address) as server:
        token = server.registered()
        task = server.running_task(token)
        for process in (*psutil.Process(server.process.pid).children(), psutil.Process(server.process.pid)):
            process.kill()
    with started(environment, "server", "--listen", address) as server:

        def failed() -> bool:
            return bool(server.ask(f"/api/tasks/{task['task_id']}", token=token)["status"] == "failed")

        wait_for(failed, "the task to be given up")
        wait_for(lambda: not psutil.pid_exists(task["pid"]), "its process to end")


@pytest.mark.parametrize("sent", [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"])
def test_a_connection_on_which_nothing_is_asked_is_closed_before_the_server_waits_for_others(
    environment: dict[str, str], sent: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with started(environment, "server", "--listen", "127.0.0.1:0") as server:
        with connected(server) as idle, connected(server) as asking:
            asking.sendall(LOG_IN + b"Content-Length: 2\r\n\r\n{")
            idle.sendall(sent)
            if sent.endswith(b"\n"):
                assert b"200 OK" in idle.recv(1 << 16)
            server.process.send_signal(signal.SIGTERM)
            list(iter(lambda: idle.recv(1 << 16), b""))
            asking.sendall(b"}")
            assert asking.recv(1 << 16).startswith(b"HTTP/1.1 400 ")
        assert server.process.wait(30) == 0
    assert capfd.readouterr().err == ""


def test_more_connections_are_taken_than_a_process_may_have_descriptors_by_default(environment: dict[str, str]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_DESCRIPTORS, hard))
    with ExitStack() as stack:
        try:
            server = stack.enter_context(started(environment, "server", "--listen", "127.0.0.1:0"))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(FEW_DESCRIPTORS):
            stack.enter_context(connected(server))
        assert server.ask("/health")["ok"]


def test_a_body_whose_chunks_are_broken_is_the_clients_fault(environment: dict[str, str]) -> None:
    with started(environment, "server", "--listen", "127.0.0.1:0") as server, connected(server) as client:
        client.sendall(LOG_IN + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 400 ")


UNREADABLE = {
    b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n": (414, "too long; send a shorter query."),
    b"GET / HTTP/1.1\r\nCookie: " + b"a" * 70_000 + b"\r\n\r\n": (431, "send fewer or shorter ones."),
    b"GET / HTTP/1.1\r\nTransfer-Encoding: secret\r\n\r\n": (501, "send it with a length, or chunked."),
    b"NONSENSE\r\n\r\n": (400, "The request is not valid HTTP; send HTTP/1.1."),
}


def test_a_request_that_the_app_never_sees_is_refused_with_a_problem_document(environment: dict[str, str]) -> None:
    with started(environment, "server", "--listen", "127.0.0.1:0") as server:
        for sent, (status, detail) in UNREADABLE.items():
            with connected(server) as connection:
                connection.sendall(sent)
                head, _, body = b"".join(iter(lambda: connection.recv(1 << 16), b"")).partition(b"\r\n\r\n")
            assert head.startswith(f"HTTP/1.1 {status} ".encode())
            assert b"\r\nContent-Type: application/problem+json\r\n" in head
            problem = json.loads(body)
            assert problem["status"] == status
            assert problem["detail"].endswith(detail)


def test_the_server_knows_of_installed_hooks_and_starts_no_program_to_find_out(
    environment: dict[str, str], tmp_path: Path
) -> None:
    home = {**environment, "HOME": str(tmp_path)}
    with started(home, "server", "--listen", "127.0.0.1:0") as server:
        assert not server.ask("/api/setup")["hooks_installed"]
        subprocess.run([HOOKMETER, "hooks", "install"], env=home, capture_output=True, check=True)
        assert server.ask("/api/setup")["hooks_installed"]


def test_exporter_and_server_run_next_to_each_other_and_neither_takes_the_other_down(
    environment: dict[str, str],
) -> None:
    words = ("run", "--metrics-listen", "127.0.0.1:0", "--listen", f"127.0.0.1:{free_port()}")
    with started(environment, *words, addresses=2) as both:
        exporter_url, server_url = both.addresses
        children = {child.cmdline()[4]: child for child in psutil.Process(both.process.pid).children()}
        assert len(children) == 2
        assert samples_of(fetch(f"{exporter_url}/metrics"))
        (server,) = (child for name, child in children.items() if name != "exporter")
        server.kill()
        assert samples_of(fetch(f"{exporter_url}/metrics"))
        wait_for(lambda: answers(server_url), "the server to be started again")
        children["exporter"].kill()
        assert answers(server_url)
        both.process.send_signal(signal.SIGTERM)
        both.process.communicate(timeout=60)
        assert both.process.returncode == 0
        assert not psutil.pid_exists(children["exporter"].pid)


def test_quotas_that_a_task_of_the_server_reports_are_on_the_exporters_page(environment: dict[str, str]) -> None:
    words = ("run", "--metrics-listen", "127.0.0.1:0", "--listen", f"127.0.0.1:{free_port()}")
    with started(environment, *words, addresses=2) as both:
        both.ask("/api/tasks", {"description": "quotas five_hour=0.42"}, both.registered())

        def used() -> float | None:
            page = samples_of(fetch(f"{both.addresses[0]}/metrics"))
            return page.get(sample("claude_rate_limit_used_ratio", window="five_hour"))

        assert wait_for(used, "the quota") == 0.42


def test_the_demo_shows_made_sessions_on_both_and_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    words = ("run", "--demo", "--metrics-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0")
    with started({**environment, "TMPDIR": str(tmp_path / "tmp")}, *words, addresses=2) as both:
        wait_for(lambda: sum(both.ask("/api/metrics")["sessions"].values()) >= 42, "all sessions to be read")
        both.process.send_signal(signal.SIGTERM)
        both.process.communicate(timeout=60)
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("command", ["server", "run"])
@pytest.mark.parametrize(
    ("words", "variables", "says"),
    [
        (("--listen", "0.0.0.0:0"), {}, "can be reached from other machines"),
        ((), {"HOOKMETER_ENV": "production"}, "nor JWT_SECRET_KEY is set"),
        ((), {"HOOKMETER_ENV": "production", "JWT_SECRET_KEY": "short"}, "JWT_SECRET_KEY"),
        (("--slots", "0"), {}, "--slots"),
    ],
)
def test_settings_that_cannot_be_are_one_line(
    environment: dict[str, str], command: str, words: tuple[str, ...], variables: dict[str, str], says: str
) -> None:
    assert says in refused(environment | variables, command, *words)


def test_an_address_that_is_taken_is_one_line(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert f"{address} is already in use" in refused(environment, "server", "--listen", address)


def test_a_database_that_is_not_there_is_one_line_without_its_password(environment: dict[str, str]) -> None:
    line = refused({**environment, "HOOKMETER_DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/db"}, "server")
    assert "cannot be opened" in line
    assert "secret" not in line


def test_in_production_nothing_is_read_without_logging_in(environment: dict[str, str]) -> None:
    production = {**environment, "HOOKMETER_ENV": "production", "JWT_SECRET_KEY": KEY}
    add = subprocess.run(
        [HOOKMETER, "users", "add", "ann", "--admin"], input=PASSWORD, env=production, text=True, timeout=60,
        capture_output=True, check=False,
    )  # fmt: skip
    assert add.returncode == 0, add.stderr
    with started(production, "server", "--listen", "127.0.0.1:0") as server:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            server.ask("/api/tasks")
        token = server.ask("/api/auth/login", {"name": "ann", "password": PASSWORD})["token"]
        assert server.ask("/api/tasks", token=token)["tasks"] == []
        assert server.ask("/health")["ok"]
        assert "claude_tasks" in fetch(f"{server.addresses[0]}/metrics")
