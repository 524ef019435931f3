"""The messages of `hookmeter cost`, read by one process or several."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path

import pytest

from exporter.counting.messages import CountedMessage
from exporter.ingest import fork
from exporter.ingest.fork import parts
from exporter.prices.table import load_prices
from exporter.reports import cost_reading
from exporter.reports.costs import Messages
from exporter.sources.timestamps import to_us
from tests.support.forks import BRANCH, FORK, MARKED, PARENT, RESUMED, write_as
from tests.support.transcript_lines import NOON, SLUG, assistant_line, usage, user_line, write

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


@pytest.fixture(params=[2, 4, 16])
def processors(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    for module in (fork, cost_reading):
        monkeypatch.setattr(module, "processor_count", lambda: request.param)


def counted(messages: Messages, directory: Path) -> list[CountedMessage]:
    messages.read_projects([str(directory)])
    return list(messages.all())


@pytest.mark.usefixtures("processors")
def test_several_processes_give_the_result_of_one(directory: Path) -> None:
    assert counted(Messages(PRICES, process_bytes=1), directory) == counted(Messages(PRICES), directory)


@pytest.mark.usefixtures("processors")
def test_the_first_process_reads_everything_if_the_others_fail(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = counted(Messages(PRICES), directory)
    monkeypatch.setattr(cost_reading, "ENCODER", None)
    assert counted(Messages(PRICES, process_bytes=1), directory) == expected


@pytest.mark.usefixtures("processors")
def test_an_empty_directory_needs_no_second_process(tmp_path: Path) -> None:
    assert counted(Messages(PRICES, process_bytes=1), tmp_path) == []


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize("process_bytes", [1, 1 << 30], ids=["several processes", "one process"])
@pytest.mark.parametrize("names", ["abcde", "edcba", "badec"])
def test_a_copied_message_belongs_to_the_session_that_had_it_first(
    tmp_path: Path, names: str, process_bytes: int
) -> None:
    sessions = (PARENT, RESUMED, FORK, MARKED, BRANCH)
    write_as(tmp_path, dict(zip(sessions, names, strict=True)))
    messages = counted(Messages(PRICES, process_bytes=process_bytes), tmp_path / SLUG)
    by_session = {name: sorted(m.usage.output for m in messages if m.origin.session == name) for name in sessions}
    assert by_session == {PARENT: [0, 100], RESUMED: [1], FORK: [2], MARKED: [3], BRANCH: [4]}


@pytest.mark.parametrize("order", [("acme", "globex"), ("globex", "acme")], ids=" ".join)
def test_of_two_projects_with_one_name_the_older_has_the_short_label(tmp_path: Path, order: tuple[str, str]) -> None:
    for number, name in enumerate(("globex", "acme")):
        line = assistant_line(number, cwd=f"/home/{name}/backend", sessionId=name, second=-number)
        write(tmp_path / f"-home-{name}-backend" / "s.jsonl", line)
    messages = Messages(PRICES)
    messages.read_projects([str(tmp_path / f"-home-{name}-backend") for name in order])
    assert messages.labels == {"/home/acme/backend": "backend", "/home/globex/backend": "globex/backend"}
    assert {message.origin.project for message in messages.all()} == {"backend", "globex/backend"}


def test_labels_do_not_depend_on_the_time_range(tmp_path: Path) -> None:
    write(tmp_path / "-home-acme-backend" / "a.jsonl", assistant_line(1, cwd="/home/acme/backend", sessionId="a"))
    new = assistant_line(2, cwd="/home/globex/backend", sessionId="b", second=60)
    write(tmp_path / "-home-globex-backend" / "b.jsonl", new)
    os.utime(tmp_path / "-home-acme-backend" / "a.jsonl", (0, 0))
    messages = Messages(PRICES, since_us=(to_us(NOON.isoformat()) or 0) + 1)
    messages.read_projects(map(str, tmp_path.iterdir()))
    assert [message.origin.project for message in messages.all()] == ["globex/backend"]


@pytest.mark.parametrize(
    ("sizes", "number", "lengths"),
    [
        ([], 2, []),
        ([5], 4, [1]),
        ([5, 5], 2, [1, 1]),
        ([1, 1, 1, 9], 2, [3, 1]),
        ([9, 1, 1, 1], 2, [1, 3]),
        ([0, 0], 2, [2]),
        ([5, 5, 0], 2, [1, 2]),
        ([2, 2, 2, 2, 2, 2], 3, [2, 2, 2]),
        ([1, 1, 30, 1, 1, 1], 4, [2, 1, 3]),
    ],
)
def test_parts_have_about_the_same_size(sizes: list[int], number: int, lengths: list[int]) -> None:
    work = list(map(str, range(len(sizes))))
    found = parts(work, sizes, number)
    assert (list(map(len, found)), list(chain.from_iterable(found))) == (lengths, work)
