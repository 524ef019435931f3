"""What `hookmeter cost` reads, by one process or by two."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.counting.spending import CountedMessage
from exporter.ingest import fork
from exporter.prices.table import load_prices
from exporter.reports import costs as cost_report
from exporter.reports.costs import Messages, halves
from exporter.sources.files import LogFile
from tests.support.transcript_lines import SLUG, heard, said, usage, write

PRICES = load_prices()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A project of some files, of which several tell of the same messages."""
    here = tmp_path / SLUG
    for number in range(6):
        lines = [said(number, usage(10, 80)), heard(), said(number + 1, usage(12, 7, read=number)), said(90, model="x")]
        write(here / f"{number}.jsonl", *lines, said(50, usage(number, 9 - number), second=number))
    write(here / "huge.jsonl", said(70, usage(10**11, 10**11)))
    return here


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork, "processor_count", lambda: 2)


def counted(messages: Messages, directory: Path) -> list[CountedMessage]:
    messages.read(str(directory))
    return list(messages.all())


@pytest.mark.usefixtures("two_processors")
def test_two_processes_come_to_what_one_comes_to(directory: Path) -> None:
    assert counted(Messages(PRICES, parallel_bytes=0), directory) == counted(Messages(PRICES), directory)


@pytest.mark.usefixtures("two_processors")
def test_what_the_second_process_does_not_tell_is_read_by_the_first(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = counted(Messages(PRICES), directory)
    monkeypatch.setattr(cost_report, "ENCODER", None)
    assert counted(Messages(PRICES, parallel_bytes=0), directory) == alone


@pytest.mark.usefixtures("two_processors")
def test_an_empty_directory_needs_no_second_process(tmp_path: Path) -> None:
    assert counted(Messages(PRICES, parallel_bytes=0), tmp_path) == []


@pytest.mark.parametrize(
    ("sizes", "first"), [([], 0), ([5], 0), ([5, 5], 1), ([1, 1, 1, 9], 3), ([9, 1, 1, 1], 0), ([0, 0], 2)]
)
def test_halves_are_of_about_as_many_bytes(sizes: list[int], first: int) -> None:
    files = [LogFile("directory", str(number), 0, number, size, 0) for number, size in enumerate(sizes)]
    here, there = halves(files)
    assert (len(here), here + there) == (first, files)
