"""Starting, stopping, and running out of file descriptors."""

import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from exporter.web.http.limits import Limits
from exporter.web.http.server import MetricsServer
from exporter.web.listen import CannotListenError
from exporter.web.listen_address import ListenAddress, parse_listen
from tests.exporter.web.client import PATIENCE, connect, get, read_reply, read_to_end, request_bytes, until
from tests.exporter.web.conftest import METRICS, Serve, SmallSite

STARVED = [sys.executable, "-m", "tests.exporter.web.starved_server"]
ROOT = Path(__file__).parents[4]


def test_stopping_finishes_a_running_response_and_closes_other_connections(serve: Serve) -> None:
    gate = threading.Event()
    site = SmallSite(lambda: gate.wait(10))
    server = serve(site)
    with connect(server) as asking, connect(server) as silent:
        asking.sendall(request_bytes("/metrics"))
        until(lambda: bool(site.requests) and server.connections == 2)
        server.stop()
        assert read_to_end(silent) == b""
        gate.set()
        reply = read_reply(asking)
        assert (reply.body, reply.headers["connection"]) == (METRICS[False], "close")
    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_stopping_does_not_wait_for_a_response_that_does_not_finish(serve: Serve) -> None:
    gate, rendered = threading.Event(), threading.Event()

    def render() -> None:
        gate.wait(PATIENCE)
        rendered.set()

    site = SmallSite(render)
    server = serve(site, limits=Limits(stop=0.1))
    with connect(server) as asking:
        asking.sendall(request_bytes("/metrics"))
        until(lambda: bool(site.requests))
        server.stop()
        assert read_to_end(asking) == b""
        assert not rendered.is_set()
    gate.set()


def test_a_server_that_was_stopped_before_it_started_does_not_serve() -> None:
    server = MetricsServer(SmallSite(), parse_listen("127.0.0.1:0"))
    server.stop()
    server.stop()
    server.serve_forever()


def test_the_address_has_the_port_that_the_system_chose(serve: Serve) -> None:
    assert serve().address.port > 0


def test_an_address_in_use_is_reported_with_its_remedy(serve: Serve) -> None:
    address = serve().address
    with pytest.raises(CannotListenError, match=f"{address} is already in use: stop the program .* another port"):
        MetricsServer(SmallSite(), address)


def test_an_address_of_another_machine_is_reported_with_its_remedy() -> None:
    with pytest.raises(
        CannotListenError,
        match=r"^cannot listen on 192\.0\.2\.1:0 \(Cannot assign requested address\): choose an address",
    ):
        MetricsServer(SmallSite(), ListenAddress("192.0.2.1", 0))


@pytest.mark.parametrize("listen", ["[::1]:0", "localhost:0"])
def test_it_listens_on_ipv6_and_on_names(listen: str) -> None:
    server = MetricsServer(SmallSite(), parse_listen(listen))
    thread = server.start_in_thread()
    assert get(server).body == METRICS[False]
    server.stop()
    thread.join(10)


def test_an_empty_host_listens_everywhere() -> None:
    server = MetricsServer(SmallSite(), parse_listen(":0"))
    thread = server.start_in_thread()
    for host in ("127.0.0.1", "::1"):
        server.address = ListenAddress(host, server.address.port)
        assert get(server).body == METRICS[False]
    server.stop()
    thread.join(10)


def test_it_survives_without_file_descriptors_and_stops_on_a_signal() -> None:
    with (
        subprocess.Popen(STARVED, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
        ExitStack() as stack,
    ):
        assert process.stdout is not None
        server = MetricsServer(SmallSite(), parse_listen("127.0.0.1:0"))  # never started: it only holds the address
        server.stop()
        server.serve_forever()
        server.address = parse_listen(process.stdout.readline())
        for _ in range(100):
            stack.enter_context(connect(server))
        assert get(server).body == METRICS[False]
        assert get(server).body == METRICS[False]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
