"""When a batch has something to commit."""

from __future__ import annotations

from exporter.counting.batch import Batch
from exporter.model.titles import TitleKind


def test_a_batch_with_nothing_but_facts_on_sessions_is_committed() -> None:
    assert Batch().is_empty
    assert not Batch(titles={("s", TitleKind.CUSTOM): "Tea"}).is_empty
    assert not Batch(versions={("s", "2.1.332")}).is_empty
    assert not Batch(parents={"fork": "s"}).is_empty
