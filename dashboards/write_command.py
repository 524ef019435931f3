"""`hookmeter dashboards write` and `hookmeter stack write`: files of the package in a directory of the user."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from dashboards.addresses import LOCAL, Addresses
from dashboards.shipped import below, package_files, shipped_files, write_files

PROVISIONING = "provisioning"
OF_DASHBOARDS = (f"{PROVISIONING}/grafana", f"{PROVISIONING}/prometheus/rules")
OF_STACK = (
    PROVISIONING, "docs", "findings", "docker-compose.yml", "Dockerfile", ".dockerignore", "pyproject.toml", "LICENSE",
    "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "requirements/runtime.txt",
    "tools/project_urls.py",
)  # fmt: skip
DATASOURCE = re.compile(r"^(\s*(?:datasourceUid|uid): )(?:prometheus|\$PROMETHEUS_UID)$", re.MULTILINE)
NAMING_DATASOURCE = frozenset({"alerts.yml", "prometheus.yml"})


class Target(click.Path):
    """The directory to write to. An empty text is a mistake (an unset variable), never the current directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty path."""
        if value == "":
            self.fail("it is empty; name a directory.", param, ctx)
        return super().convert(value, param, ctx)


directory_argument = click.argument("directory", type=Target(path_type=Path, file_okay=False))
force_option = click.option("--force", is_flag=True, help="Replace existing files that differ.")


def write_dashboards(directory: Path, addresses: Addresses, uid: str | None, *, force: bool) -> int:
    """Write boards, alerts and recording rules with links to addresses, and for a data source of Grafana."""
    root = shipped_files()
    texts = {
        path.relative_to(PROVISIONING): _adapted(path, (root / path).read_text("utf-8"), addresses, uid).encode()
        for path in below(root, *OF_DASHBOARDS)
    }
    return write_files(directory, texts, force=force)


@click.group()
def stack() -> None:
    """Write the files of the whole stack: exporter, server, Prometheus, Alertmanager and Grafana in containers."""


@stack.command("write", short_help="Write the files to a directory.")
@directory_argument
@force_option
def write_stack(directory: Path, force: bool) -> None:
    """Write to DIRECTORY what `docker compose up` needs there, and the documentation."""
    root = shipped_files()
    texts = {path: (root / path).read_bytes() for path in below(root, *OF_STACK)}
    packages = Path(__file__).parents[1]
    texts |= {path: (packages / path).read_bytes() for path in package_files()}
    number = write_files(directory, texts, force=force)
    click.echo(f"{directory}: {number} files written; to start the stack, read {directory / 'docs' / 'stack.md'}")


def _adapted(path: Path, text: str, addresses: Addresses, uid: str | None) -> str:
    for name in ("grafana", "runbooks", "server"):
        text = text.replace(getattr(LOCAL, name), getattr(addresses, name))
    if uid and path.suffix == ".json":
        return _board_for(uid, text)
    return DATASOURCE.sub(rf"\g<1>{uid}", text) if uid and path.name in NAMING_DATASOURCE else text


def _board_for(uid: str, text: str) -> str:
    """The board with a data source that is selected when it is opened; which it is can still be chosen."""
    board: dict[str, Any] = json.loads(text)
    classic = board.get("templating", {}).get("list", [])
    resources = [each["spec"] for each in board.get("spec", {}).get("variables", ())]
    for variable in (*classic, *resources):
        if variable["name"] == "datasource":
            variable["current"] = {"text": uid, "value": uid}
    return json.dumps(board, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
