"""The command `hookmeter` as a process that serves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chatserver.world import PASSWORD
from tests.e2e.processes import wait_for
from tests.support.page import fetch

HOOKMETER = Path(sys.executable).with_name("hookmeter")
SERVES = re.compile(r"hookmeter serves (http://\S+?)/(metrics)?\s")


@dataclass(frozen=True)
class Started:
    """What was started, and where it serves: the exporter first, the server last."""

    process: subprocess.Popen[str]
    addresses: tuple[str, ...]

    def ask(self, path: str, body: object = None, token: str = "") -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.addresses[-1] + path, data, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def registered(self) -> str:
        """The token of somebody new."""
        token: str = self.ask("/api/auth/register", {"name": "ann", "password": PASSWORD})["token"]
        return token

    def running_task(self, token: str) -> dict[str, Any]:
        """A task that runs until it is ended."""
        task_id = self.ask("/api/tasks", {"description": "wait"}, token)["task_id"]

        def running() -> dict[str, Any] | None:
            task: dict[str, Any] = self.ask(f"/api/tasks/{task_id}", token=token)
            return task if task["pid"] else None

        return wait_for(running, "the task to run")


@contextmanager
def started(
    environment: Mapping[str, str], *words: str, addresses: int = 1, prefix: Sequence[str] = ()
) -> Iterator[Started]:
    """A command that serves, once it says where and answers; `prefix` starts it."""
    process = subprocess.Popen([*prefix, HOOKMETER, *words], env=environment, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        said = ""
        while len(SERVES.findall(said)) < addresses:
            line = process.stdout.readline()
            assert line, said
            said += line
        found = [address for address, _ in sorted(SERVES.findall(said), key=lambda each: not each[1])]
        wait_for(lambda: answers(found[-1]), "the server to answer")
        yield Started(process, tuple(found))
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def answers(address: str) -> bool:
    try:
        return bool(fetch(f"{address}/health"))
    except OSError:
        return False
