"""Lines of hooks and transcripts, and a machine on which they arrive."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle, pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

from exporter.counting.catalog import TOOL_CALLS
from exporter.counting.totals import Key
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.sources.timestamps import to_us
from tests.support.transcript_lines import NOON, SESSION, SLUG, result_line, use_line, write

TRANSCRIPT = f"projects/{SLUG}/{SESSION}.jsonl"
MAX_LATENESS = 50.0

REJECTED = "The user doesn't want to proceed with this tool use."

Reading = TypeVar("Reading")
Totals = dict[Key, tuple[int, ...]]  # the value of a counter, or the buckets of a histogram and its sum


class Written(NamedTuple):
    """A line of a file, at the second of its own time."""

    second: float
    file: str
    text: str


class Machine:
    """Files of both witnesses, with a clock and a ledger that survives restarts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.second = 0.0

    def write(self, *lines: Written) -> None:
        for line in lines:
            path = write(self.directory / line.file, line.text)
            os.utime(path, ns=(self.now() * 1000, self.now() * 1000))

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        """A meter as after a restart."""
        roots = [str(self.directory / "projects")]
        with open_ledger(self.directory / "data", 200) as ledger:
            yield Meter([str(self.directory / "sessions")], ledger, self.now, transcript_roots=roots)

    def totals(self) -> Totals:
        """All totals after reading what is new."""
        with self.meter() as meter:
            meter.catch_up()
            totals = meter.ledger.state.totals
            counters: Totals = {key: (value,) for key, value in totals.counters.items()}
            return counters | {key: (*each.counts, each.sum) for key, each in totals.distributions.items()}

    def calls(self) -> dict[str, int]:
        """The number of calls by outcome."""
        return {str(key[1][2]): value for key, (value, *_) in self.totals().items() if key[0] == TOOL_CALLS.name}

    def now(self) -> int:
        """The time of the machine in microseconds."""
        return to_us((NOON + timedelta(seconds=self.second)).isoformat()) or 0


def hook(second: float, event: str, **fields: object) -> Written:
    name = {"PreToolUse": "pre_tool_use", "PostToolUse": "post_tool_use", "PostToolUseFailure": "post_tool_use"}
    moment = (NOON + timedelta(seconds=second)).isoformat()
    line = {"logged_at": moment, "session_id": SESSION, "hook_event_name": event, "project_dir": "/home/dev/shop"}
    return Written(
        second, f"sessions/{SESSION}/{name.get(event, 'events')}.jsonl", json.dumps({**line, **fields}) + "\n"
    )


def hooked_call(second: float, call_id: str, tool: str = "Bash") -> Written:
    return hook(second, "PreToolUse", tool_name=tool, tool_use_id=call_id, tool_input={"command": call_id})


EDITED = {"filePath": "/home/dev/shop/a.py", "structuredPatch": [{"oldStart": 1, "lines": [" a", "-b", "+c", "+d"]}]}


def hooked_end(second: float, call_id: str, took: float, *, error: str = "", tool: str = "Bash") -> Written:
    event = "PostToolUseFailure" if error else "PostToolUse"
    fields: dict[str, object] = {"tool_name": tool, "tool_use_id": call_id, "tool_input": {"command": call_id}}
    fields |= {"tool_response": EDITED} if tool == "Edit" and not error else {}
    return hook(second, event, **fields, duration_ms=round(took * 1000), **({"error": error} if error else {}))


def said(second: float, text: str) -> Written:
    return Written(second, TRANSCRIPT, text)


def used(second: float, number: int, call_id: str, tool: str = "Bash") -> Written:
    return said(second, use_line(number, call_id, tool, second=second))


def answered(second: float, call_id: str, **fields: object) -> Written:
    return said(second, result_line(call_id, second=second, **fields))  # type: ignore[arg-type] # a test's arguments


COST_STATE = f'{{"type":"cost-state","sessionId":"{SESSION}","modelUsage":{{}}}}\n'


def arrivals(lines: list[Written], lateness: list[float]) -> list[tuple[float, Written]]:
    """When each line is written: late by up to `MAX_LATENESS`, in the order of its witness."""
    last: dict[str, float] = {}
    found = []
    for number, line in enumerate(sorted(lines)):
        witness, late = line.file.partition("/")[0], lateness[number % len(lateness)] if lateness else 0.0
        last[witness] = max(last.get(witness, 0.0), line.second + late)
        found.append((last[witness], line))
    return sorted(found, key=lambda arrival: arrival[0])


def readings_in_any_order(
    in_order: list[Written],
    arriving: list[tuple[float, Written]],
    reads: list[bool],
    read: Callable[[Machine], Reading],
) -> list[Reading]:
    """What each reading of lines gives while they arrive, of which the last is that of lines that are read in order."""
    last_second = max(line.second for line in in_order)
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
        at_once, in_parts = Machine(Path(whole)), Machine(Path(parts))
        at_once.second = last_second + MAX_LATENESS
        at_once.write(*in_order)
        read(at_once)
        readings = []
        for (second, line), is_read in zip(arriving, cycle(reads), strict=False):
            in_parts.second = second
            in_parts.write(line)
            if is_read:
                readings.append(read(in_parts))
        at_once.second = in_parts.second = last_second + 3_600
        readings.append(read(in_parts))
        assert readings[-1] == read(at_once)
    return readings


def assert_any_order_ends_alike(
    in_order: list[Written], arriving: list[tuple[float, Written]], reads: list[bool]
) -> None:
    """Lines that are read as they arrive give the totals of lines that are read in order, and no total ever falls."""
    for before, after in pairwise(readings_in_any_order(in_order, arriving, reads, Machine.totals)):
        assert all(value <= later for key in before for value, later in zip(before[key], after[key], strict=True))
