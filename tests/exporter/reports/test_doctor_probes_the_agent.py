"""What the doctor finds at the address of the agent; tests/dashboards/test_central.py has real agents."""

from __future__ import annotations

import http.server

from tests.e2e.processes import free_port
from tests.exporter.reports.examined_home import errors, examined
from tests.exporter.reports.test_doctor_probes_the_exporter import OtherServer, listening
from tests.support.hookmeter_process import Home

EXPORTER = "127.0.0.1:0"  # which is not examined


def test_an_agent_that_does_not_run_is_an_error(ready: Home) -> None:
    address = f"127.0.0.1:{free_port()}"
    (message,) = errors(ready, EXPORTER, "--agent", address)
    assert message.startswith(f"{address} does not respond")
    assert "no samples of this host are sent" in message


def test_another_server_at_the_address_is_an_error(ready: Home) -> None:
    with listening(http.server.HTTPServer(("127.0.0.1", 0), OtherServer)) as address:
        (message,) = errors(ready, EXPORTER, "--agent", address)
    assert message.startswith(f"the server at {address} is not Prometheus")


def test_without_an_address_no_agent_is_examined(ready: Home) -> None:
    _, found = examined(ready, EXPORTER)
    assert "agent" not in {subject for _, subject, _ in found}
