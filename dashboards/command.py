"""`hookmeter dashboards`: the boards, the alerts and the recording rules, written and checked."""

from __future__ import annotations

import sys
from types import ModuleType

import click


@click.group(short_help="Write Grafana's boards and the rules.")
def dashboards() -> None:
    """Write Grafana's boards, the alerts and the recording rules as files, or check that they are fresh."""


@dashboards.command("build")
def build_command() -> None:
    """Write what is not as it should be."""
    for path in _made().build():
        click.echo(f"wrote {path}")


@dashboards.command("check")
def check_command() -> None:
    """Say what is not as it would be written now; exit 1 where there is any."""
    stale = _made().stale()
    for path in stale:
        click.echo(f"{path} is stale; write it anew: hookmeter dashboards build", err=True)
    sys.exit(1 if stale else 0)


def _made() -> ModuleType:
    try:
        from dashboards import build  # noqa: PLC0415 - what it needs is a development dependency
    except ModuleNotFoundError as error:
        text = f"{error.name} is not installed; boards are written with the development dependencies of the repository."
        raise click.ClickException(text) from error
    if not (build.ROOT / build.FOLDER).is_dir():
        raise click.ClickException(f"{build.ROOT} is no checkout of the repository; boards are written in one.")
    return build
