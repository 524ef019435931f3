"""The documentation is complete and up to date."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from flask import Flask
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from chatserver.commands import COMMANDS as SLASH_COMMANDS
from chatserver.server import create_app
from chatserver.services import services_of
from exporter.collectors import COLLECTORS
from exporter.collectors.isolated import IsolatedCollectors
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.clock import now_us
from exporter.serving.pages import TEXT, Pages
from exporter.web.http.routes import ROUTES
from tests.chatserver.world import made_settings
from tests.docs.blocks import DOCUMENTS
from tests.docs.links import dead_links
from tests.support.commands import every_command
from tests.support.page import samples_of
from tools.metrics_page.page import text as metrics_page

ROOT = Path(__file__).parents[1]
PACKAGES = ("exporter", "chatserver", "dashboards", "tools", "tests", "provisioning", "docs")
LISTED = re.compile(r"^\| \[`(?P<name>[a-z_]+)`\]\(#(?P=name)\) \| (?P<kind>\w+) \|", re.MULTILINE)


@pytest.fixture
def metrics(tmp_path: Path) -> dict[str, str]:
    """Every metric of the exporter and the server, and its type."""
    with open_ledger(tmp_path, 200) as ledger:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(IsolatedCollectors(Meter([], ledger), COLLECTORS))
        families = list(registry.collect())
    with served(tmp_path) as app:
        page = app.test_client().get("/metrics").get_data(as_text=True)
    families += [
        one for one in text_string_to_metric_families(page) if not one.name.startswith(("process_", "python_"))
    ]
    return {f"{one.name}_total" if one.type == "counter" else one.name: one.type for one in families}


@contextmanager
def served(directory: Path) -> Iterator[Flask]:
    """A server, until the context ends."""
    app = create_app(made_settings(directory))
    try:
        yield app
    finally:
        services_of(app).close()


def test_every_metric_is_documented_with_its_type_and_no_other_is(metrics: dict[str, str]) -> None:
    rows = LISTED.finditer((ROOT / "docs" / "metrics.md").read_text())
    assert {row["name"]: row["kind"] for row in rows} == metrics


def test_the_metrics_page_is_as_make_docs_generates_it() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == metrics_page()


def test_the_number_of_series_of_a_host_is_documented(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "fleet.md").read_text()
    directories = DemoDirectories.under(tmp_path)
    with open_ledger(tmp_path, 200) as ledger:
        meter = Meter([str(directories.sessions)], ledger, transcript_roots=[str(directories.transcripts)])
        assert f"has {series(meter)} series before it has seen anything" in text
        write_history(directories, now_us())
        meter.catch_up()
        (documented,) = re.findall(r"The demo's host.* has about (\d+)", text)
        assert series(meter) == pytest.approx(int(documented), rel=0.05)


def series(meter: Meter) -> int:
    return len(samples_of(Pages(meter).page(TEXT).plain.decode()))


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    for path, command in every_command():
        assert f"`{path}`" in text, path
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert f"`{option}" in text or option == "--help", (path, option)
            for variable in [parameter.envvar] if parameter.envvar else []:
                assert f"`{variable}`" in text, (path, variable)


def test_every_endpoint_of_the_exporter_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    assert [path for path in ROUTES if f"`{path}`" not in text] == []


def test_every_endpoint_of_the_server_is_documented_and_no_other_is(tmp_path: Path) -> None:
    with served(tmp_path) as app:
        rules = {
            f"{method} {rule.rule}"
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) & {"GET", "POST", "DELETE"}
            if not rule.rule.startswith(("/socket.io", "/static"))
        }
    documented = set(
        re.findall(r"^\| `((?:GET|POST|DELETE) /\S*)` \|", (ROOT / "docs" / "server.md").read_text(), re.MULTILINE)
    )
    assert documented == rules


def test_every_slash_command_is_documented_as_help_shows_it() -> None:
    text = (ROOT / "docs" / "server.md").read_text()
    rows = [f"| `{command.usage}` | {command.summary} |" for command in SLASH_COMMANDS]
    assert [row for row in rows if row not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_heading_resolves(document: Path) -> None:
    for path, heading in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", document.read_text()):
        if "://" not in path:
            target = document.parent / path if path else document
            assert heading in headings(target), f"{path}#{heading}"


def headings(document: Path) -> set[str]:
    """The anchors of a document's headings."""
    titles = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_resolves(document: Path) -> None:
    assert dead_links(document) == []


def test_every_file_names_the_versions_that_the_tests_use() -> None:
    versions = dict(re.findall(r"^(\w+)_VERSION=(\S+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE))
    named = {
        "Dockerfile": f"CLAUDE_VERSION={versions['CLAUDE']}",
        "docs/stack.md": f"CLAUDE_VERSION={versions['CLAUDE']}",
        "docs/counting.md": f"Claude Code {versions['CLAUDE']}",
        "docs/costs.md": f"ccusage {versions['CCUSAGE']}",
        "docs/faq.md": f"ccusage {versions['CCUSAGE']} (`--offline`) and Claude Code {versions['CLAUDE']}",
    }
    assert [path for path, version in named.items() if version not in (ROOT / path).read_text()] == []


def test_every_make_command_that_is_mentioned_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name for path in DOCUMENTS for name in re.findall(r"(?:^ {4}|`)make ([a-z]+)", path.read_text(), re.MULTILINE)
    }
    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_of_the_repository_that_is_mentioned_exists(document: Path) -> None:
    mentioned = re.findall(rf"`(?:pytest )?((?:{'|'.join(PACKAGES)})/[\w./-]*)(?: [^`]*)?`", document.read_text())
    assert [path for path in mentioned if not (ROOT / path).exists()] == []


def test_no_file_names_a_package_registry() -> None:
    hosts = "|".join(("py" + r"pi\.org", "python" + "hosted", "registry.npm" + "js", r"deb\.deb" + "ian"))
    found = subprocess.run(["git", "grep", "-nIE", hosts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.stdout == ""
