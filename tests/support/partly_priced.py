"""Three sessions, one of which has a message of a model with a price and one of a model without, for tests."""

from __future__ import annotations

import json
from pathlib import Path

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.prices.table import load_prices
from tests.support.synthetic_logs import SECOND_US, now_us
from tests.support.synthetic_transcripts import line
from tests.support.transcript_lines import usage

PRICED, UNPRICED = "claude-haiku-4-5", "claude-unknown-9"
MIXED, COMPLETE, UNKNOWN = (f"{number}0000000-1111-4111-8111-111111111111" for number in range(1, 4))
EACH = (1_000 * 1 + 500 * 5) / 1_000_000  # dollars
TOKENS = 1_000 + 500
COSTS = {MIXED: (EACH, TOKENS), COMPLETE: (EACH, 0), UNKNOWN: (None, TOKENS)}
OWN_EACH = (1_000 * 2 + 500 * 4) / 1_000_000


def write_sessions(projects: Path) -> None:
    """Write their transcripts."""
    models = {MIXED: (PRICED, UNPRICED), COMPLETE: (PRICED,), UNKNOWN: (UNPRICED,)}
    for session, used in models.items():
        for number, model in enumerate(used):
            message = {"id": f"{session}-{number}", "model": model, "usage": usage(1_000, 500)}
            line(projects, session, now_us() - (10 - number) * SECOND_US, "assistant", message)


def own_prices(directory: Path) -> Path:
    """A file with a price of the model that has none."""
    path = directory / "prices.json"
    path.write_text(json.dumps({"models": {UNPRICED: {"input": 2, "output": 4}}}))
    return path


def count(data: Path, projects: Path, own: Path | None = None) -> None:
    """Have an exporter count them."""
    with open_ledger(data, 200) as ledger:
        Meter([], ledger, transcript_roots=[str(projects)], prices=load_prices(own)).catch_up()
