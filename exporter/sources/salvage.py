"""Whole lines with no newline before them: after a torn line, or after one another."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from exporter.sources.formats import FIRST_NAMES, HookLine
from exporter.sources.hook_records import MalformedLineError, decode_line

LINE_START = re.compile(rf'\{{ ?"(?:{"|".join(FIRST_NAMES)})" ?:')
NEXT_LINE = re.compile(r"\s*(?:\{|\Z)")
MAX_SALVAGE_ATTEMPTS = 8
DECODER = json.JSONDecoder()


class SalvagedLine(NamedTuple):
    """The text of a whole line, and its fields."""

    text: bytes
    decoded: HookLine


def salvaged_lines(damaged: bytes) -> tuple[list[SalvagedLine], bool]:
    """The whole lines in a line that is not JSON, and whether anything else is in it: a torn line."""
    text = damaged.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    found: list[SalvagedLine] = []
    end, failed, torn = 0, 0, ""
    for match in LINE_START.finditer(text):
        start = match.start()
        if start < end or failed == MAX_SALVAGE_ATTEMPTS:
            continue
        line_end = _line_end(text, start)
        if line := _decoded(text[start:line_end]):
            found.append(line)
            torn, end = torn or text[end:start].strip(), line_end
        else:
            failed += 1
    return found, bool(torn or text[end:].strip())


def _line_end(text: str, start: int) -> int:
    """The end of the object that starts here, if another line or nothing follows it; else the start."""
    try:
        _, end = DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return start
    return end if NEXT_LINE.match(text, end) else start


def _decoded(text: str) -> SalvagedLine | None:
    line = text.encode("utf-8", "surrogateescape")
    try:
        return SalvagedLine(line, decode_line(line))
    except MalformedLineError:
        return None
