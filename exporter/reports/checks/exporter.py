"""Whether the exporter runs at its address and is ready."""

from __future__ import annotations

import http.client

from exporter.model.errors import cause_of
from exporter.reports.checks.finding import Finding, Verdict
from exporter.reports.http_probe import CertificateRequiredError, ProbeResponse, probe
from exporter.web.listen_address import ListenAddress

EXPORTER = "exporter"


def check_exporter(listen: ListenAddress) -> Finding:
    """Ask whatever listens at the address whether it is ready."""
    if not listen.port:
        return Finding(
            Verdict.INFO, EXPORTER, f"{listen} is a different port at each start", "Use the one that it printed"
        )
    try:
        return _judge(listen, probe(listen, "/-/ready"))
    except CertificateRequiredError:
        return Finding(Verdict.OK, EXPORTER, f"{listen} responds and requires a client certificate")
    except ConnectionRefusedError:
        message = f"not running at {listen}; nothing is lost, it catches up when it starts"
        return Finding(Verdict.INFO, EXPORTER, message, "Run: hookmeter run")
    except OSError as error:
        message = f"{listen} does not respond ({cause_of(error)})"
        return Finding(Verdict.ERROR, EXPORTER, message, "Restart what runs there: hookmeter run")
    except http.client.HTTPException:
        return _not_hookmeter(listen)


def exporter_elsewhere() -> Finding:
    """What can be said of an exporter and a ledger that this place does not reach."""
    message = "runs elsewhere and has its ledger there, by --exporter-elsewhere"
    return Finding(Verdict.INFO, EXPORTER, message, "Where it runs, run: hookmeter doctor")


def _judge(listen: ListenAddress, response: ProbeResponse) -> Finding:
    if response.status == 200 and response.body.startswith("hookmeter"):
        return Finding(Verdict.OK, EXPORTER, f"{listen} is ready")
    if response.status == 401 and "hookmeter" in response.authenticate:
        return Finding(Verdict.OK, EXPORTER, f"{listen} responds and requires a password")
    if response.status == 503:
        message, remedy = f"{listen}: {response.body}", "Wait; if this persists, see its log"
        return Finding(Verdict.ERROR, EXPORTER, message, remedy)
    return _not_hookmeter(listen)


def _not_hookmeter(listen: ListenAddress) -> Finding:
    remedy = "Stop it, or choose another --metrics-listen"
    return Finding(Verdict.ERROR, EXPORTER, f"the server at {listen} is not hookmeter", remedy)
