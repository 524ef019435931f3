"""The options of `hookmeter cost`: whose costs, of when, grouped by what, and how they are printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from exporter.commands.place_options import transcript_roots, transcripts_dir_option
from exporter.commands.switches import chosen_switches
from exporter.commands.value_types import Directory, Groups, Time, TimeZone
from exporter.model.since import parse_range
from exporter.reports.cost_filter import CostFilter
from exporter.reports.cost_groups import BLOCK, GROUPS

MODEL = "model"


class Profile(NamedTuple):
    """The directories of transcripts, and whether the report is limited to sessions in them."""

    transcript_roots: tuple[str, ...]
    is_limited: bool


class Form(Enum):
    """How the report is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Wanted(NamedTuple):
    """What the report is about; `words` names it in messages."""

    since: str | None
    until: str | None
    zone: tzinfo | None
    names: dict[str, tuple[str, ...]]
    by: tuple[str, ...]
    descending: bool | None
    breakdown: bool

    def filter(self, now: int) -> CostFilter:
        """Which messages are wanted as of a time. Raises SinceError."""
        since_us, until_us = parse_range(self.since, self.until, now, self.zone)
        return CostFilter(since_us, until_us, **{f"{kind}s": names for kind, names in self.names.items()})

    @property
    def is_by_block(self) -> bool:
        """Whether five-hour blocks are reported."""
        return BLOCK in self.by

    def of_today(self) -> Wanted:
        """The same from this midnight on, unless it has a start."""
        return self if self.since else self._replace(since=datetime.now(self.zone).date().isoformat())

    @property
    def words(self) -> str:
        """What limits the report, in words that follow a noun."""
        limits = [f" of {kind} {name}" for kind, names in self.names.items() for name in names]
        times = [f" {word} {text}" for word, text in (("since", self.since), ("until", self.until)) if text]
        return "".join([*limits, *times])


class Printed(NamedTuple):
    """How the report is printed: whether again and again, and with few columns."""

    form: Form
    live: bool
    compact: bool


def profile_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --profile and --transcripts-dir to a command, which gets them as a Profile."""

    @transcripts_dir_option
    @click.option(
        "--profile",
        "profiles",
        multiple=True,
        metavar="DIR",
        type=Directory(),
        help="Only sessions of a profile: its CLAUDE_CONFIG_DIR, such as ~/.claude; may be repeated.",
    )
    @wraps(command)
    def with_profile(profiles: tuple[Path, ...], transcripts_dirs: tuple[Path, ...], **others: Any) -> None:
        chosen = tuple(profile / "projects" for profile in profiles) or transcripts_dirs
        command(profile=Profile(transcript_roots(chosen), bool(chosen)), **others)

    return with_profile


def _names_option(kind: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(f"--{kind}", kind, multiple=True, metavar="NAME", help=f"{text}; may be repeated.")


_by_option = click.option(
    "--by",
    type=Groups(GROUPS),
    multiple=True,
    default=[MODEL],
    metavar="GROUPS",
    help=f"What to group by; several are separated by commas: {', '.join(GROUPS).replace('_', '-')}.  [default: model]",
)
_order_option = click.option(
    "--order",
    type=click.Choice(["asc", "desc"]),
    help="Order of the rows.  [default: asc for times, desc for costs]",
)
_timezone_option = click.option(
    "--timezone",
    "zone",
    type=TimeZone(),
    help="Time zone of dates, such as Europe/Berlin.  [default: the local one]",
)


def wanted_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that select, group and order costs to a command, which gets them as Wanted."""

    @click.option("--since", type=Time(), help="Start of the time range: 7d, 12h, 30m, or a date such as 2026-11-28.")
    @click.option("--until", type=Time(), help="End of the time range, likewise; a date is included.")
    @_names_option("project", "Only a project; * is any text")
    @_names_option("model", "Only a model, such as *opus*")
    @_names_option("agent", "Only an agent, such as main")
    @_names_option("session", "Only a session; the start of its UUID is enough")
    @_by_option
    @click.option("--breakdown", is_flag=True, help="Add the models of each row.")
    @_order_option
    @_timezone_option
    @wraps(command)
    def with_wanted(by: tuple[tuple[str, ...], ...], order: str | None, zone: tzinfo | None, **given: Any) -> None:
        own = {name: given.pop(name) for name in ("since", "until", "breakdown")}
        names = {kind: given.pop(kind) for kind in ("project", "model", "agent", "session")}
        groups = tuple(dict.fromkeys(group for groups in by for group in groups))
        own["breakdown"] &= MODEL not in groups  # whose rows have one model each
        descending = None if order is None else order == "desc"
        wanted = Wanted(names=names, by=groups, zone=zone, descending=descending, **own)
        command(wanted=wanted, **given)

    return with_wanted


def printed_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --json, --csv, --compact and --live to a command, which gets them as Printed."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
    @click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")
    @click.option("--compact", is_flag=True, help="Only the columns that matter most.")
    @click.option("--live", is_flag=True, help="Refresh the table every few seconds, until Ctrl+C.")
    @wraps(command)
    def with_printed(*, as_json: bool, as_csv: bool, compact: bool, live: bool, **others: Any) -> None:
        chosen = chosen_switches({"as_json": as_json, "as_csv": as_csv, "live": live})
        if len(chosen) > 1:
            raise click.UsageError("--json, --csv and --live exclude each other; choose one.")
        form = Form.JSON if "as_json" in chosen else Form.CSV if "as_csv" in chosen else Form.TABLE
        command(printed=Printed(form, "live" in chosen, compact), **others)

    return with_printed
