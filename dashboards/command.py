"""`hookmeter dashboards`: the boards, the alerts and the recording rules, written and checked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import click

from dashboards.addresses import HERE, Addresses


class Url(click.ParamType[str]):
    """Where a browser finds something: http://…, without a slash at its end."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it, or say what is wrong with it."""
        parts = urlsplit(str(value))
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            self.fail(f"{value!r} is no address of a page; give one such as https://grafana.example.org", param, ctx)
        return str(value).rstrip("/")


def _address(name: str, default: str, says: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    variable = f"HOOKMETER_{name.upper()}_URL"
    return click.option(
        f"--{name}-url", name, envvar=variable, type=Url(), default=default, show_default=True, help=says
    )


def to_addresses(command: Callable[[Addresses], None]) -> Callable[..., None]:
    """A command that is told where what it links to is."""

    @_address("grafana", HERE.grafana, "Where alerts find the boards.")
    @_address("runbooks", HERE.runbooks, "Where alerts find docs/runbooks.")
    @_address("server", HERE.server, "Where boards find the chat server.")
    @wraps(command)
    def with_addresses(grafana: str, runbooks: str, server: str) -> None:
        command(Addresses(grafana, runbooks, server))

    return with_addresses


@click.group(short_help="Write Grafana's boards and the rules.")
def dashboards() -> None:
    """Write Grafana's boards, the alerts and the recording rules as files, or check that they are fresh."""


@dashboards.command("build")
@to_addresses
def build_command(where: Addresses) -> None:
    """Write what is not as it should be. Boards and alerts link to the addresses that are given."""
    for path in _made().build(where):
        click.echo(f"wrote {path}")


@dashboards.command("check")
@to_addresses
def check_command(where: Addresses) -> None:
    """Say what is not as it would be written now; exit 1 where there is any."""
    stale = _made().stale(where)
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
