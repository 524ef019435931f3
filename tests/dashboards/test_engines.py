"""The engines in the containers and in the documentation are those that the tests run."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.dashboards.committed import ROOT
from tests.dashboards.compose import SERVICES
from tests.support.engines import BUILT, engines

SECTION = (ROOT / "docs" / "stack.md").read_text().partition("## Engines\n")[2].partition("\n## ")[0]
HEADING, *ROWS = [line.strip("| ").split(" | ") for line in SECTION.splitlines() if line.startswith("| ")]
DATABASES = engines("prometheus", "victoriametrics")
ENGINE_OF_IMAGE = {
    "prom/prometheus": "prometheus",
    "prom/alertmanager": "alertmanager",
    "victoriametrics/victoria-metrics": "victoriametrics",
    "victoriametrics/vmalert": "victoriametrics",
}
IMAGES = {service["image"] for service in SERVICES.values() if service["image"].partition(":")[0] in ENGINE_OF_IMAGE}


def test_the_table_has_every_engine() -> None:
    assert [name.lower().replace(" ", "-") for name in HEADING[:-1]] == DATABASES
    assert [one for one in engines("alertmanager") if one.partition("-")[2] not in SECTION] == []


def test_every_row_of_the_table_is_tested_on_its_engines_and_on_no_other() -> None:
    tests = names_of_tests()
    tested = {
        row[0]: {engine for engine in DATABASES for file in files_of(row) if runs_on(engine, tests[file])}
        for row in ROWS
    }
    assert tested == {
        row[0]: {engine for engine, cell in zip(DATABASES, row[1:-1], strict=True) if cell != "untested"}
        for row in ROWS
    }


def files_of(row: list[str]) -> list[str]:
    return re.findall(r"`(\S+)`", row[-1])


def names_of_tests() -> dict[str, list[str]]:
    """The tests in the files that the table names, with their parameters."""
    files = {file for row in ROWS for file in files_of(row)}
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", *files]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return {file: [name for name in found if name.startswith(f"{file}::")] for file in files}


def runs_on(engine: str, tests: list[str]) -> bool:
    return any(re.search(rf"[\[-]{engine}[\]-]", test) for test in tests)


@pytest.mark.parametrize("image", sorted(IMAGES))
def test_the_containers_run_versions_that_the_tests_run(image: str) -> None:
    repository, _, version = image.partition(":v")
    assert f"{ENGINE_OF_IMAGE[repository]}-{version}" in BUILT
    assert version in SECTION
