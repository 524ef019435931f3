"""The command `hookmeter dashboards`: write or check the boards, the alerts and the recording rules."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import click

from dashboards.addresses import LOCAL, Addresses
from dashboards.write_command import directory_argument, force_option, write_dashboards

UID = re.compile(r"[A-Za-z0-9_-]{1,40}")  # as Grafana allows it


class Url(click.ParamType[str]):
    """An http or https URL; a trailing slash is removed."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Validate the URL, or fail with an example of a valid one."""
        parts = urlsplit(str(value))
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            self.fail(f"invalid URL {value!r}; use one such as https://grafana.example.org", param, ctx)
        return str(value).rstrip("/")


class Uid(click.ParamType[str]):
    """The uid of a data source, which Grafana shows in the address of its page."""

    name = "uid"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Validate the uid, or fail."""
        if not UID.fullmatch(str(value)):
            self.fail(f"invalid uid {value!r}; it has letters, digits, - and _ only, at most 40.", param, ctx)
        return str(value)


def _url_option(name: str, default: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        f"--{name}-url",
        name,
        envvar=f"HOOKMETER_{name.upper()}_URL",
        show_envvar=True,
        type=Url(),
        default=default,
        show_default=True,
        help=text,
    )


def with_addresses(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the URL options, and pass them to it as `Addresses`."""

    @_url_option("grafana", LOCAL.grafana, "Base URL of Grafana, for links in alerts.")
    @_url_option("runbooks", LOCAL.runbooks, "Base URL of docs/runbooks, for links in alerts.")
    @_url_option("server", LOCAL.server, "Base URL of the chat server, for links on boards.")
    @wraps(command)
    def wrapper(grafana: str, runbooks: str, server: str, **others: Any) -> None:
        command(Addresses(grafana, runbooks, server), **others)

    return wrapper


@click.group()
def dashboards() -> None:
    """Write Grafana boards, alerts and recording rules as files, or check that the files are up to date."""


@dashboards.command("build")
@with_addresses
def build_command(addresses: Addresses) -> None:
    """Write all files that are out of date. Boards and alerts link to the given URLs."""
    for path in _build_module().build(addresses):
        click.echo(f"wrote {path}")


@dashboards.command("check")
@with_addresses
def check_command(addresses: Addresses) -> None:
    """List files that are out of date; exit with 1 if there are any."""
    stale = _build_module().stale(addresses)
    for path in stale:
        click.echo(f"{path} is out of date; run: hookmeter dashboards build", err=True)
    sys.exit(1 if stale else 0)


@dashboards.command("write", short_help="Write the files to a directory, for your own Grafana.")
@directory_argument
@with_addresses
@click.option("--datasource-uid", type=Uid(), help="Uid of the data source in Grafana that queries the metrics.")
@force_option
def write_command(addresses: Addresses, directory: Path, datasource_uid: str | None, force: bool) -> None:
    """Write boards, alerts and recording rules to DIRECTORY, for a Grafana and a Prometheus that you have already."""
    number = write_dashboards(directory, addresses, datasource_uid, force=force)
    click.echo(f"{directory}: {number} files written")


def _build_module() -> ModuleType:
    try:
        from dashboards import build  # noqa: PLC0415 - its imports are development dependencies
    except ModuleNotFoundError as error:
        text = f"{error.name} is not installed; this command needs the development dependencies: make .venv/dev"
        raise click.ClickException(text) from error
    if not (build.ROOT / build.BOARDS_DIR).is_dir():
        raise click.ClickException(f"{build.ROOT} is not a checkout of the repository; this command needs one.")
    return build
