"""Imports point one way: between the packages, and between the rooms of each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What each package may import of the others; nothing imports the generators or the tests.
PACKAGES = {"exporter": "", "chatserver": "exporter", "dashboards": "", "tools": "exporter chatserver"}
# Every room (a directory, or a file next to one) in the order of its imports: each with all rooms that it imports from.
ROOMS = {
    "exporter": {
        "paths": "",
        "overview": "",
        "model": "",
        "prices": "model",
        "sources": "model",
        "web": "model",
        "counting": "model prices sources",
        "hooks": "model paths sources",
        "views": "counting model sources",
        "ledger": "counting model prices sources views",
        "settings": "counting web",
        "lifecycle": "ledger model paths",
        "search": "counting ledger model sources views",
        "ingest": "counting ledger model prices sources",
        "collectors": "counting ingest ledger model",
        "hooks_reader": "counting ingest model sources views",
        "reports": "counting hooks hooks_reader ingest ledger model paths prices settings sources views web",
        "mcp": "counting hooks_reader ledger model prices reports search sources views",
        "snapshot": "counting hooks_reader ingest ledger model prices reports sources views",
        "terminal": "model reports search snapshot views",
        "metrics": "counting hooks_reader ingest model snapshot views",
        "demo": "model sources terminal",
        "serving": "collectors counting ingest ledger model prices search settings sources terminal web",
        "commands": "counting demo hooks hooks_reader ingest ledger lifecycle mcp model overview paths prices"
        " reports search serving settings snapshot sources terminal views web",
        "cli": "commands overview terminal",
        "__main__": "cli",
    },
    "chatserver": {
        "web": "",
        "threads": "",
        "environment": "",
        "task_user": "",
        "settings": "task_user",
        "storage": "threads",
        "accounts": "environment settings storage threads",
        "options": "accounts environment settings storage task_user",
        "tasks": "accounts settings storage task_user threads",
        "live": "accounts settings tasks threads",
        "monitoring": "accounts live",
        "commands": "accounts live tasks",
        "chat": "accounts commands storage tasks",
        "services": "accounts chat commands live monitoring settings storage tasks threads web",
        "middleware": "accounts services storage tasks web",
        "api": "accounts chat live middleware services storage tasks threads web",
        "server": "api middleware options services settings storage task_user tasks",
        "process": "accounts options server services threads",
        "demo": "accounts chat settings storage tasks",
        "cli": "accounts demo environment options process settings storage tasks",
        "__main__": "cli",
    },
}
# Where the environment is read; the recorder, the status line and the subreaper are scripts of their own, and how a
# terminal finds the program is no setting, nor is what it can show.
READS_ENVIRONMENT = {
    "exporter.commands.config_location",
    "exporter.commands.place_options",
    "exporter.hooks.hookmeter_recorder",
    "exporter.hooks.program",
    "exporter.paths",
    "exporter.reports.checks.machine",
    "exporter.terminal.screen",
    "chatserver.environment",
    "chatserver.tasks.subreaper",
}


def modules(package: str) -> dict[str, Path]:
    """Every module of a package, by its dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts
    }


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports from."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room_of(module: str) -> str:
    return module.split(".")[1]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_that_it_may(package: str) -> None:
    forbidden = {*PACKAGES, "tests"} - {package, *PACKAGES[package].split()}
    found = {
        (name, imported)
        for name, path in modules(package).items()
        for imported in imports(path)
        if imported.partition(".")[0] in forbidden
    }
    assert found == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_imports_itself_indirectly(package: str) -> None:
    known = modules(package)
    graph = {
        name: {imported for imported in imports(path) if imported in known} - {name} for name, path in known.items()
    }
    assert set(TopologicalSorter(graph).static_order()) >= set(known)


@pytest.mark.parametrize("package", ROOMS)
def test_the_rooms_and_the_imports_between_them_are_those_of_the_table(package: str) -> None:
    known = modules(package)
    found: dict[str, set[str]] = {room_of(name): set() for name in known if "." in name}
    for name, path in known.items():
        inner = {imported for imported in imports(path) if imported in known and "." in imported}
        if "." in name:
            found[room_of(name)] |= {room_of(imported) for imported in inner} - {room_of(name)}
    assert found == {room: set(lower.split()) for room, lower in ROOMS[package].items()}


@pytest.mark.parametrize("package", ROOMS)
def test_each_room_imports_only_rooms_above_it_in_the_table(package: str) -> None:
    above: set[str] = set()
    for room, lower in ROOMS[package].items():
        assert set(lower.split()) <= above, room
        above.add(room)


def test_the_environment_is_read_in_one_place_of_each_package() -> None:
    found = {
        name
        for package in ("exporter", "chatserver")
        for name, path in modules(package).items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        if isinstance(node.value, ast.Name) and node.value.id in {"os", "posix"}
    }
    assert found == READS_ENVIRONMENT


def test_nobody_reads_the_environment_by_another_name() -> None:
    found = {
        (name, alias.name)
        for package in ("exporter", "chatserver")
        for name, path in modules(package).items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "os"
        for alias in node.names
        if alias.name in {"environ", "getenv", "environb"}
    }
    assert found == set()


@pytest.mark.parametrize("package", ROOMS)
def test_the_architecture_names_every_room_in_this_order(package: str) -> None:
    lines = (ROOT / "ARCHITECTURE.md").read_text().splitlines()
    heading = next(number for number, line in enumerate(lines) if line.startswith("    exporter/"))
    column = lines[heading].index(package)
    figure = "\n".join(line[column : column + 55] for line in lines[heading + 1 :])
    rooms = [room for room in ROOMS[package] if room != "__main__"]
    places = [re.search(rf"\b{room}(/|\.py)", figure) for room in rooms]
    assert all(places), [room for room, place in zip(rooms, places, strict=True) if not place]
    assert [place.start() for place in places if place] == sorted(place.start() for place in places if place)
