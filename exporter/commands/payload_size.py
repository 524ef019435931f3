"""The type of a size of payloads."""

from __future__ import annotations

import re
from typing import Any

import click

from exporter.hooks.max_payload import MIN_BYTES, UNLIMITED

SIZE = re.compile(r"([0-9]{1,4})([km])")
SIZE_SHIFT = {"k": 10, "m": 20}


class PayloadSize(click.ParamType[int]):
    """A size such as 64k or 1m, converted to bytes, or `unlimited`, to UNLIMITED."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse the size; an int is bytes already."""
        if isinstance(value, int):
            return value
        if value == "unlimited":
            return UNLIMITED
        size = SIZE.fullmatch(value)
        found = int(size[1]) << SIZE_SHIFT[size[2]] if size else 0
        if found < MIN_BYTES:
            self.fail(f"invalid size {value!r}; use 64k, 1m (at least 16k) or unlimited.", param, ctx)
        return found
