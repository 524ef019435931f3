"""Recent forks of a session that is too old to be read without a ledger."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.snapshot.live_spending import LiveSpending
from exporter.sources.timestamps import to_us
from tests.support.forks import BRANCH, FORK, MARKED, PARENT, write_as
from tests.support.transcript_lines import NOON, SLUG

SECONDS_OF_DAY = 86_400
NOON_US = to_us(NOON.isoformat()) or 0


@pytest.mark.parametrize(
    ("fork", "with_ledger", "messages"),
    [(FORK, False, 2), (FORK, True, 1), (MARKED, False, 1), (MARKED, True, 1), (BRANCH, False, 1)],
)
def test_only_without_a_ledger_a_fork_that_names_no_origin_has_the_messages_that_it_copied(
    tmp_path: Path, fork: str, with_ledger: bool, messages: int
) -> None:
    projects = tmp_path / "projects"
    write_as(projects, {name: name for name in (PARENT, fork)})
    long_ago = NOON.timestamp() - 40 * SECONDS_OF_DAY
    os.utime(projects / SLUG / f"{PARENT}.jsonl", (long_ago, long_ago))
    now_us = NOON_US + 2 * SECONDS_OF_DAY * 1_000_000
    if with_ledger:
        with open_ledger(tmp_path / "data", 200) as ledger:
            Meter([], ledger, lambda: now_us, transcript_roots=[str(projects)]).catch_up()
    live = LiveSpending(tmp_path / "data", [str(projects)], clock=lambda: now_us)
    live.refresh(60)
    found = live.messages_of(fork) or ()
    live.close()
    assert len(found) == messages
