"""Transcripts of known costs, and reports of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.hookmeter_process import Home

OPUS, HAIKU, UNKNOWN = "claude-opus-4-6", "claude-haiku-4-5-20251001", "gpt-5"
OTHER_SESSION = "99999999-aaaa-4bbb-8ccc-000000000002"
NUMBERS = (
    "requests", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
    "web_searches", "unpriced_tokens", "cost_usd", "cache_savings_usd", "not_itemized_usd",
    "unpriced_cache_tokens", "unpriced_not_itemized_tokens",
)  # fmt: skip
HEADINGS = "requests input output cache read cache write searches saved cost"


def row(*numbers: float | None, not_itemized: float = 0.0, unpriced_cache: int = 0) -> dict[str, Any]:
    return dict(zip(NUMBERS, (*numbers, not_itemized, unpriced_cache, 0), strict=True))


# By hand, in dollars: opus is 5 for a million tokens in and 25 out, 0.5 from the cache, 6.25 and 10 into it; haiku is a
# fifth of it; a web search is a cent.
OPUS_COST = (0.000_05 + 0.001_25 + 0.002_5 + 0.003_75 + 0.004) + (0.005 + 0.1) + 0.03

TOTAL = row(4, 3_017, 4_158, 15_009, 610, 411, 3, 45, OPUS_COST + 0.003_5, 0.019_75 + 0.009, unpriced_cache=30)


def report(home: Home, *words: str | Path) -> dict[str, Any]:
    result = home.run("cost", "--json", *words)
    assert (result.returncode, result.stderr) == (0, "")
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def groups(home: Home, by: str, *words: str | Path) -> list[tuple[str, int]]:
    """The groups in their order, and how many requests each has."""
    return [(line[by], line["requests"]) for line in report(home, "--by", by, *words)["rows"]]
