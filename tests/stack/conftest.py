"""The stack of the compose file in containers, started once for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scripted_api import ScriptedApi, scripted_api
from tests.stack.compose import Stack, running_stack
from tests.stack.daemon import Docker, running_daemon
from tests.support.other_account import UID

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
