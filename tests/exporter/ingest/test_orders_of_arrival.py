"""Any order of lines and any restarts end in the same totals."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.exporter.ingest.generated_sessions import GENERATED_SESSIONS, GeneratedSession
from tests.exporter.ingest.witnesses import (
    Machine,
    arrivals,
    assert_any_order_ends_alike,
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@settings(max_examples=100, derandomize=True)
@given(GENERATED_SESSIONS)
def test_any_order_of_lines_and_restarts_ends_in_the_same_totals(session: GeneratedSession) -> None:
    assert_any_order_ends_alike(session.lines, arrivals(session.lines, session.lateness), session.reads)
