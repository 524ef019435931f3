"""The types of option values: what is valid, and what a value is converted to."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

import click

from exporter.model.clock import now_us
from exporter.model.money import PICODOLLARS
from exporter.model.since import FOREVER, SPAN, UNIT_US, SinceError, parse_until

MAX_DOLLARS = 1_000_000
TIMEOUT = re.compile(r"([0-9]{1,7})([smhd]?)")
UNIT_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


class Groups(click.ParamType[tuple[str, ...]]):
    """Names of groups, separated by commas; a hyphen is an underscore."""

    name = "groups"

    def __init__(self, known: Sequence[str]) -> None:
        self._known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split the names, each of which must be known."""
        if isinstance(value, tuple):
            return value
        names = tuple(name.strip().replace("-", "_") for name in str(value).split(","))
        if unknown := [name for name in names if name not in self._known]:
            known = ", ".join(self._known).replace("_", "-")
            self.fail(f"{unknown[0]!r} is not a group; use {known}.", param, ctx)
        return names


class TimeZone(click.ParamType[tzinfo]):
    """A time zone such as Europe/Berlin."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tzinfo:
        """Load the zone."""
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - takes milliseconds, and is seldom chosen

        try:
            return value if isinstance(value, tzinfo) else ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # that of a zone that is not found is a KeyError
            self.fail(f"unknown time zone {value!r}; use one such as Europe/Berlin or UTC.", param, ctx)


class NamedPath(click.Path):
    """A path. An empty text is a mistake (an unset variable), never the current directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty path."""
        if value == "":
            self.fail(f"it is empty; name a {'file' if self.file_okay else 'directory'}.", param, ctx)
        return super().convert(value, param, ctx)


class Directory(NamedPath):
    """A directory, which may not exist yet unless it must."""

    def __init__(self, *, exists: bool = False) -> None:
        # click asks for the real user, see below
        super().__init__(exists=exists, file_okay=False, readable=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Expand ~ and make sure that the path can be resolved."""
        if value == "":
            return super().convert(value, param, ctx)
        is_other = False
        try:
            path = Path(value).expanduser()  # no shell expands the ~ of a variable
            is_directory = stat.S_ISDIR(path.stat().st_mode)
            is_other = not is_directory
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            is_directory = False  # it may be created later; whoever uses it reports what is wrong
        except OSError as error:
            self.fail(f"{str(value)!r} cannot be resolved ({error.strerror}); name a directory.", param, ctx)
        except RuntimeError as error:  # there is no such user
            self.fail(f"{str(value)!r} cannot be resolved ({error}); name a directory.", param, ctx)
        if is_other:
            self.fail(f"{str(value)!r} is not a directory; name one.", param, ctx)
        if is_directory and not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
            self.fail(f"{str(value)!r} is not readable; name a directory that is.", param, ctx)
        return super().convert(path, param, ctx)


class Switch(click.types.BoolParamType):
    """A switch, which a variable may set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """Convert the words that click knows."""
        known = self.str_to_bool(value) if isinstance(value, str) else bool(value)
        return self.fail(f"{value!r} is neither true nor false.", param, ctx) if known is None else known


class Seconds(click.ParamType[float]):
    """A span of time such as 30s, 10m or 2h, or seconds alone, converted to seconds."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse the span."""
        if isinstance(value, int | float):
            return value
        span = TIMEOUT.fullmatch(value)
        if not span:
            self.fail(f"invalid span {value!r}; use seconds, 30s, 10m or 2h.", param, ctx)
        return int(span[1]) * UNIT_SECONDS[span[2]]


class Number(click.IntRange):
    """A whole number within bounds."""

    name = "number"


class Time(click.ParamType[str]):
    """A start or an end of a range, such as 7d or 2026-11-28, as it was written: which moment it is depends on more."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is not a time."""
        try:
            parse_until(value, now_us())
        except SinceError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class Keeping(click.ParamType[int]):
    """A span such as 90d, or `forever`, converted to seconds, or -1."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse the span; an int is seconds already."""
        if isinstance(value, int):
            return value
        if value == "forever":
            return FOREVER
        span = SPAN.fullmatch(value)
        if span is None:
            self.fail(f"invalid time {value!r}; use 90d, 12w or forever.", param, ctx)
        return int(span[1]) * UNIT_US[span[2]] // 1_000_000


class Age(click.ParamType[int]):
    """A span of at least a day, such as 30d, converted to seconds, or `forever`, which is 0."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse the span; an int is seconds already."""
        if isinstance(value, int):
            return value
        if value == "forever":
            return 0
        span = SPAN.fullmatch(value)
        seconds = int(span[1]) * UNIT_US[span[2]] // 1_000_000 if span else 0
        if seconds < UNIT_SECONDS["d"]:
            self.fail(f"invalid time {value!r}; use 30d or 12w, at least 1d, or forever.", param, ctx)
        return seconds


class Dollars(click.ParamType[int]):
    """An amount of US dollars such as 12.50, converted to picodollars."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse the amount without rounding; an int is picodollars already."""
        if isinstance(value, int):
            return value
        try:
            picodollars = Decimal(value) * PICODOLLARS
        except DecimalException:
            self.fail(f"invalid amount {value!r}; use US dollars such as 12.50.", param, ctx)
        if not picodollars.is_finite() or not 1 <= picodollars <= MAX_DOLLARS * PICODOLLARS:
            self.fail(f"invalid amount {value!r}; use US dollars above 0, at most {MAX_DOLLARS}.", param, ctx)
        return round(picodollars)
