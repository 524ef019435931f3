"""The stack of the compose file in containers, started once for all tests."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.hooks.entries import EVENTS
from tests.e2e.processes import query
from tests.e2e.scripted_api import ScriptedApi, scripted_api
from tests.stack.compose import ENGINES, Stack, running_stack
from tests.stack.daemon import Docker, running_daemon, wait_long
from tests.stack.work import Work
from tests.support.other_account import UID

SCRAPED = "min(count_over_time(hookmeter_read_lag_seconds[5m])) > 3"
GATEWAY = "172.17.0.1"  # of the containers, where the scripted model listens


@pytest.fixture(scope="session")
def docker() -> Iterator[Docker]:
    """A daemon whose containers have networks, and which the person of the stack may use."""
    directory, images = (Path(os.environ[f"HOOKMETER_STACK_{name}"]) for name in ("DIRECTORY", "IMAGES"))
    with running_daemon(directory, images, (f"--bip={GATEWAY}/24", f"--group={UID}")) as docker:
        yield docker


@pytest.fixture(scope="session")
def model(docker: Docker) -> Iterator[ScriptedApi]:
    """A model that says what scripts have, to every container."""
    with scripted_api({}, GATEWAY) as api:
        yield api


@pytest.fixture(scope="session")
def stack(docker: Docker, model: ScriptedApi) -> Iterator[Stack]:
    with running_stack(docker, model.url) as stack:
        yield stack


@pytest.fixture(scope="session")
def work(stack: Stack, model: ScriptedApi) -> Work:
    """Work in a stack whose agents have hooks, and in which nothing has happened before."""
    text = (stack.checkout / "docs" / "stack.md").read_text()
    (command,) = re.findall("`(docker compose exec .*hooks install)`", text)
    assert f"{len(EVENTS)} hooks added" in stack.run(command)
    return Work(stack, model)


@pytest.fixture(scope="session")
def since(work: Work) -> float:
    """A time before all work, from which on every engine has samples."""
    for name, address in ENGINES.items():
        wait_long(lambda address=address: query(address, SCRAPED), f"a few scrapes in {name}")  # type: ignore[misc] # mypy cannot infer such a lambda
    return time.time()
