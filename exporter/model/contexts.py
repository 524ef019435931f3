"""The context of a session: what its last request sent."""

from __future__ import annotations

from typing import NamedTuple


class Context(NamedTuple):
    """The tokens of the last request of a session's main agent, cached ones included, its model, and its time."""

    tokens: int
    model: str
    time_us: int
