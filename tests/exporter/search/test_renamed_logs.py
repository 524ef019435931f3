"""Hook logs that are rotated and compressed stay in the index without being read again."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from exporter.model.since import FOREVER
from exporter.search.writer import WITH_FILES
from tests.exporter.search.indexed import Indexed
from tests.support.synthetic_logs import event, now_us


@pytest.mark.parametrize("keep", [WITH_FILES, FOREVER])
def test_a_log_that_was_renamed_and_compressed_is_found_as_before(tmp_path: Path, keep: int) -> None:
    indexed = Indexed(tmp_path)
    indexed.update()
    indexed.keep(keep)
    event(indexed.logs, "s", "UserPromptSubmit", now_us(), prompt="plant the walnut")
    assert indexed.update()
    log = indexed.logs / "s" / "events.jsonl"
    rotated = log.rename(log.with_name("events.jsonl.1"))
    assert indexed.update() == 0
    rotated.with_name("events.jsonl.1.gz").write_bytes(gzip.compress(rotated.read_bytes()))
    rotated.unlink()
    assert indexed.update() == 0
    event(indexed.logs, "s", "UserPromptSubmit", now_us(), prompt="water the walnut")
    assert indexed.update() == log.stat().st_size
    assert len(indexed.results("walnut")) == 2
    rotated.with_name("events.jsonl.1.gz").unlink()
    indexed.update()
    assert len(indexed.results("walnut")) == (1 if keep == WITH_FILES else 2)
