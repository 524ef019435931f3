"""Whether the Prometheus agent of this host runs, and under which name it sends the samples."""

from __future__ import annotations

import http.client
import json

import yaml

from exporter.model.errors import cause_of
from exporter.reports.checks.finding import Finding, Verdict
from exporter.reports.http_probe import CertificateRequiredError, probe
from exporter.web.listen_address import ListenAddress

AGENT = "agent"
MAX_CONFIG_BYTES = 1 << 20


def check_agent(address: ListenAddress) -> Finding:
    """Ask the agent for the configuration that it has loaded."""
    try:
        response = probe(address, "/api/v1/status/config", MAX_CONFIG_BYTES)
        config = yaml.safe_load(json.loads(response.body)["data"]["yaml"])
        return _judge_name(str(config["global"].get("external_labels", {}).get("host", "")))
    except OSError as error:
        message = f"{address} does not respond ({cause_of(error)}); no samples of this host are sent"
        return Finding(Verdict.ERROR, AGENT, message, "Start it: docker compose --profile fleet up -d agent")
    except (CertificateRequiredError, http.client.HTTPException, ValueError, LookupError, TypeError, yaml.YAMLError):
        message, remedy = f"the server at {address} is not Prometheus", "Name the address of the agent with --agent"
        return Finding(Verdict.ERROR, AGENT, message, remedy)


def _judge_name(host: str) -> Finding:
    if not host or "$" in host:  # what agent.yml refuses to send
        message = "the host has no name, so the agent sends nothing"
        return Finding(Verdict.ERROR, AGENT, message, "Set HOOKMETER_NODE in the agent's environment and restart it")
    return Finding(Verdict.OK, AGENT, f"sends the samples of this host as {host}")
