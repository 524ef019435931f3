"""Every command that the documents print is run, as it is printed, in the home of somebody who follows them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import program
from tests.docs.blocks import ROOT, Block, all_blocks
from tests.docs.scenes import CHECKED, SCENES, SHOWN, Scene
from tests.docs.stand_ins import STAND_INS
from tests.docs.world import World, write_sample
from tests.e2e.conftest import executable
from tests.support.inbox import open_inbox

HASHED = "$2y$12$LnWJcYFS5ZbZVYyMFTfVq.3TrGLqLw2vF0WOVnkTOlF9j5lQGnBH2"
DIRECTORIES = re.compile(r"(?:tests|\.ci)/[\w/.]+")
# They are looked for by the tests that need them; Prometheus takes no port of this machine.
REAL_PROGRAMS: dict[str, Callable[[], str]] = {
    "claude": lambda: executable("claude"),
    "prometheus": lambda: f"{program('prometheus')} --web.listen-address=127.0.0.1:0",
}

Key = tuple[str, str]


def found(key: Key) -> list[Block]:
    document, begins = key
    return [block for block in all_blocks() if block.document == document and block.text.startswith(begins)]


def test_every_block_is_in_exactly_one_table_and_every_entry_is_of_one_block() -> None:
    keys = [*((scene.document, scene.begins) for scene in SCENES), *CHECKED, *SHOWN]
    assert {key: len(found(key)) for key in keys if len(found(key)) != 1} == {}
    listed = [block.place for key in keys for block in found(key)]
    assert sorted(set(listed)) == sorted(listed)
    assert [block.place for block in all_blocks() if not block.is_session and block.place not in listed] == []


def test_every_test_that_a_table_names_exists() -> None:
    reasons = [*CHECKED.values(), *SHOWN.values(), *(stand_in.really for stand_in in STAND_INS.values())]
    named = [path for reason in reasons for path in DIRECTORIES.findall(reason)]
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with sessions of the last day, which tests copy."""
    home = tmp_path_factory.mktemp("sample")
    write_sample(home)
    return home


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Where a block runs: what it posts somewhere is posted to an inbox."""
    (web_config,) = found(("docs/operations.md", "tls_server_config:"))
    with open_inbox() as inbox:
        variables = {
            "CHECKOUT": str(ROOT),
            "INBOX": inbox.address,
            "WEB_CONFIG": web_config.text.replace("$2y$12$…", HASHED),
        }
        yield World(tmp_path, variables=variables)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_the_commands_of_a_block_run_as_printed(scene: Scene, world: World, request: pytest.FixtureRequest) -> None:
    (block,) = found((scene.document, scene.begins))
    if not scene.empty:
        shutil.copytree(request.getfixturevalue("sample"), world.home.path, symlinks=True)
    world.prepare(real_programs(block))
    commands = block.commands
    for placeholder, text in scene.reads.items():
        assert placeholder in commands
        commands = commands.replace(placeholder, text)
    before = scene.before + "\n"
    assert scene.shows in world.run(before + commands, cron=block.is_crontab)


def real_programs(block: Block) -> dict[str, str]:
    """The programs of a block that run for real, by their command lines."""
    words = re.findall(r"^[\w-]+(?= )", block.text, re.MULTILINE)
    return {name: command() for name, command in REAL_PROGRAMS.items() if name in words}


@pytest.mark.parametrize("key", CHECKED, ids=": ".join)
def test_a_block_that_only_root_can_run_is_valid_shell(key: Key) -> None:
    (block,) = found(key)
    check = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert (check.returncode, check.stderr) == (0, "")


def test_commands_of_a_crontab_have_no_percent_sign_which_cron_takes_for_a_new_line() -> None:
    crontabs = [block for block in all_blocks() if block.is_crontab]
    assert len(crontabs) >= 3
    assert [block.place for block in crontabs if "%" in block.text] == []
