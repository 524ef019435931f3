"""The messages of `hookmeter cost`, read by one process or two."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.counting.spending import CountedMessage
from exporter.ingest import fork
from exporter.ingest.fork import halves
from exporter.prices.table import load_prices
from exporter.reports import costs as cost_report
from exporter.reports.costs import Messages
from exporter.sources.files import LogFile
from tests.support.transcript_lines import SLUG, assistant_line, usage, user_line, write

PRICES = load_prices()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A project with files that share messages."""
    here = tmp_path / SLUG
    for number in range(6):
        lines = [
            assistant_line(number, usage(10, 80)),
            user_line(),
            assistant_line(number + 1, usage(12, 7, read=number)),
            assistant_line(90, model="x"),
        ]
        write(here / f"{number}.jsonl", *lines, assistant_line(50, usage(number, 9 - number), second=number))
    write(here / "huge.jsonl", assistant_line(70, usage(10**11, 10**11)))
    return here


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork, "processor_count", lambda: 2)


def counted(messages: Messages, directory: Path) -> list[CountedMessage]:
    messages.read_project(str(directory))
    return list(messages.all())


@pytest.mark.usefixtures("two_processors")
def test_two_processes_give_the_result_of_one(directory: Path) -> None:
    assert counted(Messages(PRICES, parallel_bytes=0), directory) == counted(Messages(PRICES), directory)


@pytest.mark.usefixtures("two_processors")
def test_the_first_process_reads_everything_if_the_second_fails(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = counted(Messages(PRICES), directory)
    monkeypatch.setattr(cost_report, "ENCODER", None)
    assert counted(Messages(PRICES, parallel_bytes=0), directory) == expected


@pytest.mark.usefixtures("two_processors")
def test_an_empty_directory_needs_no_second_process(tmp_path: Path) -> None:
    assert counted(Messages(PRICES, parallel_bytes=0), tmp_path) == []


@pytest.mark.parametrize(
    ("sizes", "first"), [([], 0), ([5], 0), ([5, 5], 1), ([1, 1, 1, 9], 3), ([9, 1, 1, 1], 0), ([0, 0], 2)]
)
def test_halves_have_about_the_same_number_of_bytes(sizes: list[int], first: int) -> None:
    files = [LogFile("directory", str(number), 0, number, size, 0) for number, size in enumerate(sizes)]
    one, other = halves(files)
    assert (len(one), one + other) == (first, files)
