"""Work that the stack meters, with an independent count of it: sessions of the host, and tasks of the server."""

from __future__ import annotations

import json
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.chatserver.world import PASSWORD
from tests.e2e.scripted_api import Script, ScriptedApi, Use
from tests.e2e.workplace import MODEL
from tests.exporter.ledger.busy_agents import BusyAgents
from tests.exporter.ledger.busy_model import BusyModel
from tests.stack.compose import SERVER, Stack
from tests.stack.daemon import wait_long
from tests.support.page import Key, Samples, sample

OK_BASH = sample("claude_tool_calls_total", tool="Bash", agent="main", outcome="success")


def ask(path: str, body: object = None, token: str = "", server: str = SERVER) -> Any:
    """The answer of the chat server."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(server + path, data, headers), timeout=60) as answer:
        return json.load(answer)


def sums(*pages: Samples) -> dict[Key, float]:
    """The sums of the samples of several pages."""
    total: dict[Key, float] = defaultdict(float)
    for page in pages:
        for key, value in page.items():
            total[key] += value
    return total


@dataclass
class Work:
    """Agents on the host, and tasks of the real CLI in the server's container."""

    stack: Stack
    model: ScriptedApi
    host: BusyAgents = field(init=False)
    spending: BusyModel = field(init=False)
    tasks: int = 0
    calls: int = 0
    cost_usd: float = 0
    _token: str = ""

    def __post_init__(self) -> None:
        self.host = BusyAgents(self.stack.checkout / "logs" / "sessions", seed=31)
        self.spending = BusyModel(self.stack.home / ".claude" / "projects", seed=32)

    def go_on(self, steps: int = 40) -> None:
        """Write some lines on the host."""
        for _ in range(steps):
            self.host.step()
            self.spending.step()

    def settle(self) -> None:
        """End whatever is open."""
        self.host.settle()
        self.spending.settle()

    def task(self, name: str, *commands: str) -> dict[str, Any]:
        """A completed task that has called Bash with each command, one after the other."""
        self.model.add(name, Script([[Use("Bash", {"command": command})] for command in commands]))
        task_id = ask("/api/tasks", {"description": f"script:{name}"}, self.token())["task_id"]
        task: dict[str, Any] = wait_long(lambda: self._ended(task_id), "the task to end")
        assert (task["status"], task["result"]) == ("completed", "Done."), task
        self.tasks += 1
        self.calls += len(commands)
        self.cost_usd += task["cost_usd"]
        return task

    def token(self) -> str:
        """The token of the user that was added by the documented command."""
        if not self._token:
            self._token = ask("/api/auth/login", {"name": "ann", "password": PASSWORD})["token"]
        return self._token

    def truth(self) -> Samples:
        """The true totals; of tasks it has their calls, their sessions with a prompt, and what they cost."""
        samples = sums(self.host.expected(), self.spending.expected())
        samples[OK_BASH] += self.calls
        samples[sample("claude_prompts_total")] += self.tasks
        samples[sample("claude_sessions_started_total", project="workspace")] += self.tasks
        samples[sample("claude_cost_usd_total", model=MODEL, agent="main", project="workspace")] += self.cost_usd
        return samples

    def _ended(self, task_id: str) -> dict[str, Any] | None:
        task: dict[str, Any] = ask(f"/api/tasks/{task_id}", token=self.token())
        return task if task["finished_at"] else None
