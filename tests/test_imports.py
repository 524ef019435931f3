"""Imports point one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("exporter", "chatserver", "dashboards")
# What each package may import of the others.
ALLOWED = {"exporter": set[str](), "chatserver": {"exporter"}, "dashboards": set[str]()}
# Within the exporter, a folder may import only what stands below it here.
LAYERS = ("collectors", "ledger", "sources")


def modules(package: str) -> dict[str, Path]:
    """Every module of a package, by its dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / package).rglob("*.py")
    }


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports from."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_that_it_may(package: str) -> None:
    forbidden = set(PACKAGES) - ALLOWED[package] - {package}
    found = {
        (name, imported)
        for name, path in modules(package).items()
        for imported in imports(path)
        if imported.partition(".")[0] in forbidden | {"tests"}
    }
    assert found == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_imports_itself_by_a_detour(package: str) -> None:
    known = modules(package)
    graph = {
        name: {imported for imported in imports(path) if imported in known} - {name} for name, path in known.items()
    }
    assert set(TopologicalSorter(graph).static_order()) >= set(known)


@pytest.mark.parametrize(("upper", "lower"), [(a, b) for i, a in enumerate(LAYERS) for b in LAYERS[i + 1 :]])
def test_what_reads_knows_nothing_of_what_counts_or_shows(upper: str, lower: str) -> None:
    found = {
        (name, imported)
        for name, path in modules(f"exporter/{lower}").items()
        for imported in imports(path)
        if imported.startswith(f"exporter.{upper}")
    }
    assert found == set()


def test_importing_the_command_starts_nothing_and_reads_no_environment() -> None:
    found = [
        (name, node.lineno)
        for name, path in modules("exporter").items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        # The options are where the environment is read; the recorder is a script of its own.
        if name not in {"exporter.commands.options", "exporter.hooks.hookmeter_recorder"}
    ]
    assert found == []
