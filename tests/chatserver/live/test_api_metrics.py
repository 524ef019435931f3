"""GET /api/metrics: a snapshot at once, then what changes; and the server's own page for Prometheus."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric

from chatserver.services import services_of
from tests.chatserver.live.app import create_app
from tests.chatserver.live.client import PATIENCE, Stream, get, post
from tests.chatserver.live.conftest import Serve
from tests.exporter.web.client import until

JSON = {"Accept": "application/json"}
MANY = 100


def test_a_stream_begins_with_the_snapshot_and_continues_with_what_changes(serve: Serve) -> None:
    port = serve()
    stream = Stream(port, "/api/metrics")
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["x-accel-buffering"] == "no"
    assert stream.headers["cache-control"] == "no-store"
    assert stream.event() == {"retry": "3000"}
    first = stream.event()
    assert json.loads(first["data"]) == get(port, "/api/metrics", JSON)
    post(port, "/tasks/7")
    second = stream.event()
    assert json.loads(second["data"])["active_tasks"] == 7
    assert second["id"] != first["id"]
    stream.close()


def test_what_does_not_change_is_not_sent(serve: Serve) -> None:
    port = serve(heartbeat_seconds=0.3)
    stream = Stream(port, "/api/metrics")
    stream.event()
    stream.event()
    computed = get(port, "/numbers")["computed"]
    until(lambda: get(port, "/numbers")["computed"] > computed + 3)
    assert stream.event() == {"": "still here"}
    stream.close()


def test_one_that_comes_back_gets_the_snapshot_only_if_it_is_another(serve: Serve) -> None:
    port = serve()
    stream = Stream(port, "/api/metrics")
    stream.event()
    seen = {"Last-Event-ID": stream.event()["id"]}
    stream.close()
    again = Stream(port, "/api/metrics", seen)
    assert again.event() == {"retry": "3000"}
    post(port, "/tasks/1")
    assert json.loads(again.event()["data"])["active_tasks"] == 1
    again.close()
    late = Stream(port, "/api/metrics", seen)
    late.event()
    assert json.loads(late.event()["data"])["active_tasks"] == 1
    late.close()


def test_many_streams_cost_one_computation(serve: Serve) -> None:
    port = serve()
    opened = [Stream(port, "/api/metrics") for _ in range(MANY)]
    for stream in opened:
        stream.event()
        stream.event()
    post(port, "/tasks/3")
    assert all(json.loads(stream.event()["data"])["active_tasks"] == 3 for stream in opened)
    before = get(port, "/numbers")["computed"]
    until(lambda: get(port, "/numbers")["computed"] > before)
    assert get(port, "/numbers")["computed"] < before + MANY
    for stream in opened:
        stream.close()


def test_a_client_of_http_1_0_gets_events_without_chunks(serve: Serve, request: pytest.FixtureRequest) -> None:
    port = serve()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(b"GET /api/metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
        received = b""
        while received.count(b"\n\n") < 2:
            received += client.recv(1 << 16)
        post(port, "/tasks/5")
        while received.count(b"\n\n") < 3:
            received += client.recv(1 << 16)
    assert b'"active_tasks":5' in received


def test_head_opens_no_stream(serve: Serve) -> None:
    port = serve(max_streams=1)
    for _ in range(3):
        head = urllib.request.Request(f"http://127.0.0.1:{port}/api/metrics", method="HEAD")
        with urllib.request.urlopen(head, timeout=PATIENCE) as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
    assert get(port, "/numbers")["streams"] == 0


def test_where_the_server_shows_no_socket_each_request_gets_one_event(tmp_path: Path) -> None:
    answer = create_app(str(tmp_path)).test_client().get("/api/metrics")
    assert answer.text.startswith("retry: 3000\n\nid: ")
    assert answer.text.endswith("}\n\n")


def page(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def test_the_page_counts_requests_by_their_route_and_streams_while_they_are_open(serve: Serve) -> None:
    port = serve()
    post(port, "/tasks/1")
    post(port, "/tasks/2")
    for path in ("/nothing", "/tasks/x", "/nothing/else"):
        with pytest.raises(urllib.error.HTTPError) as raised:
            get(port, path)
        raised.value.close()
    stream = Stream(port, "/api/metrics")
    stream.event()
    until(lambda: "hookmeter_streams 1.0\n" in page(port))
    shown = page(port)
    assert 'hookmeter_http_requests_total{code="200",method="POST",route="/tasks/<int:running>"} 2.0\n' in shown
    assert 'hookmeter_http_requests_total{code="404",method="GET",route="other"} 3.0\n' in shown
    assert 'hookmeter_http_request_duration_seconds_count{route="/api/metrics"} 1.0\n' in shown
    assert 'hookmeter_logins_total{result="failure"} 0.0\n' in shown
    stream.close()
    until(lambda: "hookmeter_streams 0.0\n" in page(port))


def test_no_method_and_no_path_is_a_label(tmp_path: Path) -> None:
    client = create_app(str(tmp_path)).test_client()
    for number in range(50):
        client.open(f"/made/up/{number}", method=f"MADE{number}")
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith("hookmeter_http_requests")]
    assert lines == ['hookmeter_http_requests_total{code="404",method="other",route="other"} 50.0']


class _FailingTasks:
    def collect(self) -> list[Metric]:
        raise ConnectionError


def test_a_collector_that_fails_costs_its_own_metrics_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(str(tmp_path))
    services_of(app).metrics.tasks = _FailingTasks()
    shown = app.test_client().get("/metrics").text
    assert 'hookmeter_collector_success{collector="tasks"} 0.0\n' in shown
    assert 'hookmeter_collector_success{collector="connections"} 1.0\n' in shown
    assert "The collector tasks failed" in caplog.text


def test_every_collector_says_how_long_it_took(tmp_path: Path) -> None:
    shown = create_app(str(tmp_path)).test_client().get("/metrics").text
    taken = re.findall(r'^hookmeter_collector_duration_seconds{collector="(\w+)"} ', shown, re.MULTILINE)
    assert taken == ["requests", "logins", "connections", "tasks"]


def test_promtool_finds_nothing_wrong_with_the_page(tmp_path: Path, promtool: str) -> None:
    client = create_app(str(tmp_path)).test_client()
    client.get("/api/metrics")
    shown = client.get("/metrics").text
    checked = subprocess.run([promtool, "check", "metrics"], input=shown, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
