"""What costs can be grouped by: names that messages have, and periods of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import cache

import msgspec

from exporter.counting.blocks import Blocks
from exporter.counting.messages import CountedMessage
from exporter.model.clock import from_us
from exporter.model.records import FAST, US
from exporter.prices.names import region

Group = tuple[str, ...]
GroupOf = Callable[[CountedMessage], Group]

NAMES: Mapping[str, Callable[[CountedMessage], str]] = {
    "model": lambda message: message.origin.model,
    "project": lambda message: message.origin.project,
    "agent": lambda message: message.origin.agent,
    "session": lambda message: message.origin.session,
    "branch": lambda message: message.origin.branch,
    "skill": lambda message: message.origin.skill,
    "mcp_server": lambda message: message.origin.mcp_server,
    "speed": lambda message: FAST if message.fast else message.origin.speed,
    "region": lambda message: US if message.us_inference else message.origin.region or region(message.origin.model),
}
# Hours and blocks have their offset from UTC, because an hour comes twice where clocks are put back. Weeks begin on
# Mondays.
PERIODS: Mapping[str, Callable[[datetime], str]] = {
    "hour": lambda moment: moment.replace(minute=0, second=0, microsecond=0).isoformat(" ", "minutes"),
    "day": lambda moment: moment.date().isoformat(),
    "week": lambda moment: (moment.date() - timedelta(days=moment.weekday())).isoformat(),
    "month": lambda moment: moment.date().isoformat()[:7],
}
BLOCK = "block"
GROUPS = (*PERIODS, BLOCK, *NAMES)
NO_BLOCKS = Blocks(())
QUARTER_US = 15 * 60 * 1_000_000  # of an hour: the offset of no time zone changes within one


class Grouping(msgspec.Struct, frozen=True):
    """Some of GROUPS. Periods are of a time zone, by default the local one; `blocks` are only needed by blocks."""

    by: tuple[str, ...]
    zone: tzinfo | None = None
    blocks: Blocks = NO_BLOCKS

    def group_of(self) -> GroupOf:
        """A function that gives the values of a message."""
        parts = [NAMES.get(name) or _period(name, self) for name in self.by]
        return lambda message: tuple([part(message) for part in parts])  # for speed, no generator

    @property
    def periods(self) -> list[str]:
        """The groups that are periods of time."""
        return [name for name in self.by if name not in NAMES]


def order_of(name: str, value: str) -> str | datetime:
    """What sorts the values of a period chronologically."""
    return value if name in PERIODS and name != "hour" else datetime.fromisoformat(value)


def block_name(start_us: int, zone: tzinfo | None) -> str:
    """The name of a block."""
    return PERIODS["hour"](from_us(start_us).astimezone(zone))


def _period(name: str, grouping: Grouping) -> Callable[[CountedMessage], str]:
    zone, blocks = grouping.zone, grouping.blocks
    if name == BLOCK:
        return lambda message: block_name(blocks.start_of(message.time_us), zone)
    name_of = PERIODS[name]

    @cache
    def of_quarter(quarter: int) -> str:
        return name_of(from_us(quarter * QUARTER_US).astimezone(zone))

    return lambda message: of_quarter(message.time_us // QUARTER_US)
