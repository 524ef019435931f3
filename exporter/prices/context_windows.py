"""The sizes of models' context windows, as Claude Code (2.1.332) uses them."""

from __future__ import annotations

from functools import lru_cache

from exporter.prices.list_prices import read_list_prices

SMALL, LARGE = 200_000, 1_000_000
ALWAYS_SMALL = frozenset(
    {
        "claude-2", "claude-3-5-haiku-latest", "claude-3-5-sonnet", "claude-3-7-sonnet-latest", "claude-3-haiku",
        "claude-3-opus-latest", "claude-3-sonnet", "claude-haiku-4-5", "claude-opus-4-0", "claude-opus-4-1",
        "claude-opus-4-5",
    }
)  # fmt: skip
ALWAYS_LARGE = frozenset(
    {
        "claude-fable-5", "claude-fable-5-1", "claude-fable-5-2", "claude-haiku-5-5", "claude-mythos-5",
        "claude-mythos-5-1", "claude-mythos-5-2", "claude-opus-4-7", "claude-opus-4-8", "claude-opus-5",
        "claude-opus-5-5", "claude-sonnet-5", "claude-sonnet-5-5",
    }
)  # fmt: skip
# The large one has to be asked for, which no transcript shows.
SMALL_OR_LARGE = frozenset({"claude-opus-4-6", "claude-sonnet-4-0", "claude-sonnet-4-5", "claude-sonnet-4-6"})


def context_window(name: str, tokens: int) -> int | None:
    """The window of a model that holds this many tokens; None if it is unknown."""
    model = _model(name)
    if model in ALWAYS_LARGE or (model in SMALL_OR_LARGE and tokens > SMALL):
        return LARGE
    return SMALL if model in ALWAYS_SMALL else None


@lru_cache(maxsize=1000)
def _model(name: str) -> str | None:
    return read_list_prices().model(name)
