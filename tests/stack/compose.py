"""The stack of the compose file in containers, as somebody runs it who follows docs/stack.md."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.chatserver.world import PASSWORD
from tests.dashboards.compose import SERVICES
from tests.exporter.ledger.busy_agents import BusyAgents
from tests.stack.daemon import Docker, wait_long
from tests.stack.documented import documented
from tests.stack.images import NOT_HERE, copy_checkout
from tests.support.other_account import UID, give

PROMETHEUS, VICTORIAMETRICS, EXPORTER = "127.0.0.1:9090", "127.0.0.1:8428", "127.0.0.1:19464"
ENGINES = {"Prometheus": PROMETHEUS, "VictoriaMetrics": VICTORIAMETRICS}
SERVER = "http://127.0.0.1:3000"
HOST = "build-07"
PAST, PAST_STEPS = timedelta(hours=12), 300  # what agents did before the stack was started
RUN_HERE = sorted(SERVICES.keys() - {NOT_HERE})
# Debian has Compose as a program; the documentation has it as a plugin. No terminal is there for `exec`.
PLUGIN = """
docker() {
  [ "$1" = compose ] && shift
  if [ "$1" = exec ] && [ "$2" != -T ]; then shift; set -- exec -T "$@"; fi
  docker-compose "$@"
}
"""
SETTINGS = {
    "COMPOSE_PROFILES": "fleet,central",
    "HOOKMETER_UID": str(UID),
    "HOOKMETER_NODE": HOST,
    "HOOKMETER_DATABASE_URL": "postgresql://hookmeter@postgres/hookmeter",
    "HOOKMETER_PERMISSION_MODE": "bypassPermissions",
    "ANTHROPIC_API_KEY": "none",
}
# What makes the tests fast: it changes how often something is asked, never what.
OFTEN = {"healthcheck": {"interval": "1s", "start_period": "0s"}}


@dataclass(frozen=True, slots=True)
class Stack:
    """A copy of the repository that belongs to a person, and the stack that they run from it."""

    docker: Docker
    checkout: Path
    home: Path
    past: BusyAgents = field(repr=False)

    def run(self, script: str, text: str = "") -> str:
        """The output of commands that the person types in the copy; an error fails the test."""
        variables = {**self.docker.environment, "HOME": str(self.home), "PATH": os.environ["PATH"]}
        account = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"]
        finished = subprocess.run(
            [*account, "sh", "-ec", PLUGIN + script], cwd=self.checkout, env=variables, input=text,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert finished.returncode == 0, f"{script}: {finished.stdout}"
        return finished.stdout

    def start(self, model: str) -> None:
        """Run the documented commands, with the address of a scripted model."""
        *preparation, up, add_user = documented("stack.md", "docker compose up -d").splitlines()
        settings = "\n".join(f"{name}={value}" for name, value in SETTINGS.items())
        (self.checkout / ".env").write_text(settings)
        (self.checkout / "docker-compose.override.yml").write_text(yaml.safe_dump({"services": self._overrides(model)}))
        for name in ("containers.yml", "agent.yml"):
            path = self.checkout / "provisioning" / "prometheus" / name
            path.write_text(path.read_text().replace("15s", "1s"))
        give(self.checkout, self.home)
        self.run("\n".join(preparation))
        for _ in range(PAST_STEPS):
            self.past.step()
        self.past.settle()
        self.run(f"{up} {' '.join(RUN_HERE)}")
        self.wait_until_healthy()
        assert self.run(add_user, PASSWORD + "\n").endswith("ann can log in now.\n")

    def wait_until_healthy(self) -> None:
        """Wait until every service is healthy, as its own health check finds."""
        try:
            wait_long(lambda: not self.unhealthy(), "every service to be healthy")
        except AssertionError as error:
            logs = [self.docker.run("logs", "--tail", "50", self.container(name)) for name in self.unhealthy()]
            raise AssertionError("\n".join(logs)) from error

    def unhealthy(self) -> list[str]:
        """The services that their own health checks do not find healthy."""
        return [name for name in RUN_HERE if self.state(name)["Health"]["Status"] != "healthy"]

    def state(self, service: str) -> dict[str, Any]:
        """The state of a service's container."""
        state: dict[str, Any] = self._inspect(service)["State"]
        return state

    def crash(self, service: str) -> None:
        """Kill a container from outside, and wait until Docker has restarted it."""
        crashed = self.state(service)
        os.kill(crashed["Pid"], signal.SIGKILL)

        def has_restarted() -> bool:
            now = self.state(service)
            return bool(now["Running"] and now["StartedAt"] != crashed["StartedAt"])

        wait_long(has_restarted, f"{service} to be restarted")

    def _inspect(self, service: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self.docker.run("inspect", self.container(service)))
        return found[0]

    def address(self, service: str) -> str:
        """The address of a service in its first network."""
        networks = self._inspect(service)["NetworkSettings"]["Networks"]
        return str(next(iter(networks.values()))["IPAddress"])

    def container(self, service: str) -> str:
        """The name of a service's container."""
        return f"{self.checkout.name}_{service}_1"

    def _overrides(self, model: str) -> dict[str, Any]:
        variables = {"ANTHROPIC_BASE_URL": model, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
        own = {"server": {"environment": variables}}
        return {name: {**OFTEN, **own.get(name, {})} for name in RUN_HERE}


@contextmanager
def running_stack(docker: Docker, model: str) -> Iterator[Stack]:
    """The whole stack but Grafana, which ends with the context."""
    directory = docker.directory
    checkout = directory / "hookmeter"
    past = BusyAgents(checkout / "logs" / "sessions", seed=30, start=datetime.now(UTC) - PAST)
    stack = Stack(docker, checkout, directory / "home", past)
    stack.home.mkdir()
    copy_checkout(stack.checkout)
    try:
        stack.start(model)
        yield stack
    finally:
        if names := docker.run("ps", "--all", "--quiet").split():
            docker.run("rm", "--force", "--volumes", *names)
