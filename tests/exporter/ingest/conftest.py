"""A place with transcripts, and the meter that reads it; tests of hook logs have a meter of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from tests.exporter.ingest.transcript_place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def meter(place: Place) -> Iterator[Meter]:
    with place.meter() as meter:
        yield meter
