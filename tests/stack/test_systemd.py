"""The systemd units on a machine that boots Debian's systemd: the server's task runs as another user and is metered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.chatserver.world import PASSWORD
from tests.e2e.processes import answer
from tests.e2e.scripted_api import Script, ScriptedApi, Use
from tests.stack.attempts import assert_nothing_was_found, attempts
from tests.stack.daemon import Docker, wait_long
from tests.stack.documented import documented
from tests.stack.images import SYSTEMD
from tests.stack.work import ask
from tests.support.page import Samples, samples_of

SERVER, EXPORTER = "http://127.0.0.1:3100", "http://127.0.0.1:19564"  # as the container publishes them
DATA = "/var/lib/hookmeter-server/alice"
# What systemd needs to mount file systems and to make control groups; and for the server's unit, its capability.
PRIVILEGES = (
    "--cap-add=SYS_ADMIN", "--cap-add=DAC_READ_SEARCH", "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined", "--security-opt=systempaths=unconfined", "--cgroupns=private",
)  # fmt: skip
SETTINGS = """
HOOKMETER_LISTEN=0.0.0.0:3000
HOOKMETER_METRICS_LISTEN=0.0.0.0:19464
HOOKMETER_PERMISSION_MODE=bypassPermissions
ANTHROPIC_API_KEY=none
CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A container that boots systemd."""

    docker: Docker
    name: str

    def run(self, script: str, text: str = "") -> str:
        """The output of commands of root; an error fails the test."""
        return self.docker.run("exec", "--interactive", self.name, "bash", "-euc", script, text=text)

    def main_pid(self, unit: str) -> str:
        return self.run(f"systemctl show --property MainPID --value {unit}")

    def wait_until_units_serve(self) -> None:
        """Wait until exporter and server answer; an error has what they have logged."""
        try:
            wait_long(lambda: answer(f"{SERVER}/health") and answer(f"{EXPORTER}/-/ready"), "both units to serve")
        except AssertionError as error:
            raise AssertionError(self.run("journalctl --no-pager --lines=60 --unit='hookmeter-*'")) from error

    def page(self) -> Samples:
        return samples_of(answer(f"{EXPORTER}/metrics"))


@pytest.fixture(scope="module")
def machine(docker: Docker, model: ScriptedApi) -> Iterator[Machine]:
    """A machine with a user alice, whose units are installed by the documented commands."""
    machine = Machine(docker, "machine")
    docker.run(
        "run", "--detach", "--name", machine.name, *PRIVILEGES, "--tmpfs=/run", "--tmpfs=/tmp",
        "--publish=127.0.0.1:3100:3000", "--publish=127.0.0.1:19564:19464", SYSTEMD,
    )  # fmt: skip
    try:
        wait_long(lambda: has_booted(machine), "systemd to have booted")
        machine.run("useradd --create-home alice && install -d -m 755 /etc/hookmeter && cat > /etc/hookmeter/alice.env",
                    f"{SETTINGS}ANTHROPIC_BASE_URL={model.url}\n")  # fmt: skip
        _clone, *install_exporter = documented("stack.md", "enable --now hookmeter-exporter@alice").splitlines()
        *install_server, add_user = documented("stack.md", "enable --now hookmeter-server@alice").splitlines()
        machine.run("\n".join((*install_exporter, *install_server)))
        hookmeter = "/srv/hookmeter/.venv/bin/hookmeter"
        machine.run(f"sudo -Hu alice {hookmeter} hooks install --sessions-dir /home/alice/logs/sessions")
        machine.wait_until_units_serve()
        machine.run(add_user, f"{PASSWORD}\n")
        yield machine
    finally:
        docker.run("rm", "--force", "--volumes", machine.name)


def has_booted(machine: Machine) -> bool:
    with suppress(AssertionError):
        return machine.run("systemctl is-system-running || true") in {"running", "degraded"}
    return False


def completed(commands: list[str], model: ScriptedApi) -> dict[str, Any]:
    """A completed task that has called Bash with each command."""
    model.add("units", Script([[Use("Bash", {"command": command})] for command in commands]))
    token = ask("/api/auth/login", {"name": "ann", "password": PASSWORD}, server=SERVER)["token"]
    task_id = ask("/api/tasks", {"description": "script:units"}, token, SERVER)["task_id"]

    def ended() -> dict[str, Any] | None:
        task: dict[str, Any] = ask(f"/api/tasks/{task_id}", token=token, server=SERVER)
        return task if task["finished_at"] else None

    task = wait_long(ended, "the task to end")
    assert (task["status"], task["result"]) == ("completed", "Done."), task
    return task


def test_a_task_of_the_unit_runs_as_its_user_finds_neither_key_nor_database_and_is_metered(
    machine: Machine, model: ScriptedApi
) -> None:
    server = machine.main_pid("hookmeter-server@alice")
    commands = attempts(data=DATA, secret="/etc/hookmeter/alice.key", server=server)
    commands.append("cat /run/credentials/*/* 2>&1; true")
    task = completed(commands, model)
    found = machine.run("cat /home/alice/.claude/projects/*/*.jsonl")
    alice = int(machine.run("id -u alice"))
    assert_nothing_was_found(found, alice, machine.run("cat /etc/hookmeter/alice.key"))
    assert machine.main_pid("hookmeter-server@alice") == server

    def total(name: str) -> float:
        return sum(value for (found, _), value in machine.page().items() if found == name)

    wait_long(lambda: total("claude_tool_calls_total") == len(commands), "all calls to be counted")
    assert total("claude_cost_usd_total") == pytest.approx(task["cost_usd"], abs=1e-9)
    written = "/home/alice/.claude/projects /home/alice/logs/sessions"
    assert machine.run(f"find {written} -type f -printf '%u\\n' | sort -u") == "alice"


def test_units_that_are_killed_are_restarted_and_lose_nothing(machine: Machine, model: ScriptedApi) -> None:
    completed(["echo one"], model)
    wait_long(lambda: answer(f"{EXPORTER}/-/ready"), "the exporter to be ready")
    before = machine.page()
    pids = {}
    for unit in ("hookmeter-exporter@alice", "hookmeter-server@alice"):
        pids[unit] = machine.main_pid(unit)
        machine.run(f"kill -9 {pids[unit]}")
    for unit, pid in pids.items():
        wait_long(lambda unit=unit, pid=pid: machine.main_pid(unit) not in {pid, "0"}, f"{unit} to be restarted")  # type: ignore[misc] # mypy cannot infer such a lambda
    machine.wait_until_units_serve()
    completed(["echo two"], model)
    calls = ("claude_tool_calls_total", (("agent", "main"), ("outcome", "success"), ("tool", "Bash")))
    wait_long(lambda: machine.page().get(calls) == before[calls] + 1, "one more call")
