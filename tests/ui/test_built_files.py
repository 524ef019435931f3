"""The committed pages are fresh, small, and load nothing from other servers."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from chatserver.web.built_files import STATIC
from tests.ui.browser import UI

MAX_BYTES = 150_000
PAGES = sorted(json.loads((UI / "pages.json").read_text()))


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_committed_files_are_what_the_sources_build_to(node_modules: Path, tmp_path: Path) -> None:
    subprocess.run(["npm", "run", "build", "--silent", "--", str(tmp_path)], cwd=UI, check=True, capture_output=True)
    built, committed = files(tmp_path), files(STATIC)
    assert sorted(committed) == sorted(built), "Run npm run build in chatserver/ui and commit the result."
    assert committed == built


@pytest.mark.parametrize("page", PAGES)
def test_the_scripts_of_a_page_are_under_150_kilobytes(page: str) -> None:
    scripts = (STATIC / page).glob("*.js")
    assert 0 < sum(len(gzip.compress(script.read_bytes())) for script in scripts) < MAX_BYTES


@pytest.mark.parametrize("page", PAGES)
def test_no_file_of_a_page_loads_from_another_server(page: str) -> None:
    loads = re.compile(rb"""(?:import|from|@import|url)\s*\(?\s*["']?https?:""")
    assert [name for name, content in files(STATIC / page).items() if loads.search(content)] == []


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (UI / "package-lock.json").read_text()


def test_every_version_is_pinned() -> None:
    package = json.loads((UI / "package.json").read_text())
    versions = package["dependencies"] | package["devDependencies"]
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+(\.\d+)+", version)] == []


def test_the_build_does_not_depend_on_the_environment(node_modules: Path, tmp_path: Path) -> None:
    environment = os.environ | {"NODE_ENV": "development", "TZ": "Asia/Tokyo", "LANG": "C"}
    command = ["node", "build.mjs", str(tmp_path)]
    subprocess.run(command, cwd=UI, check=True, capture_output=True, env=environment)
    assert files(tmp_path) == files(STATIC)
