"""The meter on sessions of several projects: each is decided once, and no label depends on what is read first."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import astuple

from exporter.counting.catalog import COST, SESSIONS_STARTED, Counter
from exporter.ingest.meter import Meter
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.file_rows import FileRow
from exporter.ledger.opening import open_ledger
from exporter.ledger.schema import APPLICATION_ID, MIGRATIONS
from exporter.model.money import PICODOLLARS
from exporter.sources.files import log_file
from exporter.sources.known_files import KnownFile
from exporter.sources.positions import Position
from exporter.sources.transcripts import read_transcript
from tests.support.transcript_lines import NOON, assistant_line, session_of, usage, write

ACME, GLOBEX = "/home/acme/backend", "/home/globex/backend"
USED = usage(100_000, 0)
SONNET = "claude-sonnet-4-5"
EACH = 3 * PICODOLLARS // 10  # what a message costs


class Place:
    """A directory with hook logs and transcripts, on which meters can be started repeatedly."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        """A meter that has read everything."""
        with open_ledger(self.directory / "data", 200) as ledger:
            meter = Meter([str(self.directory / "logs")], ledger, transcript_roots=[str(self.directory / "projects")])
            meter.catch_up()
            yield meter

    def hook(self, session: str, project: str = "", *, minute: int = 0, **fields: Any) -> None:
        """Log the start of a session."""
        line = {
            "logged_at": (NOON + timedelta(minutes=minute)).isoformat(),
            "session_id": session,
            "hook_event_name": "SessionStart",
            **({"project_dir": project} if project else {}),
            **fields,
        }
        write(self.directory / "logs" / session / "events.jsonl", json.dumps(line) + "\n")

    def transcript(self, session: str, slug: str, *cwds: str, minute: int = 0, **fields: Any) -> Path:
        """Write a transcript with a message in each of these working directories."""
        own: dict[str, Any] = {"sessionId": session, "model": SONNET, **fields}
        first = 100 * int.from_bytes(session.encode())
        return write(
            self.directory / "projects" / slug / f"{session}.jsonl",
            *(
                assistant_line(
                    first + number,
                    USED,
                    second=60 * minute + number,
                    cwd=cwd,
                    **own,
                )
                for number, cwd in enumerate(cwds)
            ),
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def by_project(meter: Meter, counter: Counter, per: int = 1) -> dict[str, float]:
    """The totals of a counter by its last label, the project."""
    found: dict[str, float] = {}
    for (name, labels), value in meter.ledger.state.totals.counters.items():
        if name == counter.name:
            found[labels[-1]] = found.get(labels[-1], 0) + value / per
    return found


def started(meter: Meter) -> dict[str, float]:
    return by_project(meter, SESSIONS_STARTED)


def charged(meter: Meter) -> dict[str, float]:
    """The number of messages whose cost was counted, by project."""
    return by_project(meter, COST, EACH)


def test_a_session_that_leaves_its_project_stays_in_it(place: Place) -> None:
    place.hook("s", "/home/dev/shop", cwd="/home/dev/shop")
    place.hook("s", "/home/dev/shop", cwd="/home/dev/tools/src", minute=1)
    place.transcript("s", "-home-dev-shop", "/home/dev/shop", "/home/dev/tools/src", "/home/dev/shop")
    with place.meter() as meter:
        assert started(meter) == {"shop": 1}
        assert charged(meter) == {"shop": 3}


def test_hooks_name_the_project_of_a_transcript_none_of_whose_lines_is_in_it(place: Place) -> None:
    place.hook("s", "/home/dev/shop")
    place.transcript("s", "-home-dev-shop", "/tmp/elsewhere")
    with place.meter() as meter:
        assert charged(meter) == {"shop": 1}


def test_a_worktree_belongs_to_its_repository(place: Place) -> None:
    tree = "/home/dev/shop/.claude/worktrees/feat"
    place.hook("a", "/home/dev/shop")
    place.hook("b", tree, cwd=tree)
    place.transcript("a", "-home-dev-shop", "/home/dev/shop")
    place.transcript("b", "-home-dev-shop--claude-worktrees-feat", tree)
    with place.meter() as meter:
        assert started(meter) == {"shop": 2}
        assert charged(meter) == {"shop": 2}


def test_drive_letters_in_both_cases_are_one_project(place: Place) -> None:
    cwds = [r"c:\Users\dev\shop", r"C:\Users\dev\shop", r"C:\Users\dev\shop\src", r"c:\Users\dev\shop\src"]
    place.transcript("s", "c--Users-dev-shop", *cwds)
    place.hook("s", r"c:\Users\dev\shop")
    with place.meter() as meter:
        assert charged(meter) == {"shop": 4}
        assert started(meter) == {"shop": 1}


def test_the_project_of_a_cut_slug_is_found(place: Place) -> None:
    long = f"/home/dev/{'/'.join(letter * 60 for letter in 'abcd')}/shop"
    slug = f"-home-dev-{'a' * 60}-{'b' * 60}-{'c' * 60}-ddddddd-s8091t"
    place.transcript("a", slug, f"{long}/sub", long)
    place.transcript("b", "-home-dev----rocket", "/home/dev/🚀 rocket/sub", "/home/dev/🚀 rocket")
    with place.meter() as meter:
        assert charged(meter) == {"shop": 2, "🚀 rocket": 2}


def test_a_transcript_that_is_read_before_a_line_names_a_directory_gets_its_project_then(place: Place) -> None:
    path = place.directory / "projects" / "-home-dev-shop" / "s.jsonl"
    write(path, json.dumps({"type": "mode", "sessionId": "s"}) + "\n")
    with place.meter():
        place.transcript("s", "-home-dev-shop", "/home/dev/shop")
    with place.meter() as meter:
        assert charged(meter) == {"shop": 1}


@pytest.mark.parametrize("sources", ["hooks", "transcripts", "both"])
@pytest.mark.parametrize("names", list(permutations("abc")), ids="".join)
def test_of_two_projects_with_one_name_the_older_has_the_short_label_whatever_is_read_first(
    place: Place, monkeypatch: pytest.MonkeyPatch, sources: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr("exporter.ingest.batch_writer.BATCH_SESSIONS", 1)
    monkeypatch.setattr("exporter.ingest.batch_writer.BATCH_BYTES", 1)
    sessions = ((GLOBEX, 5), (ACME, 3), (GLOBEX, 4))
    for name, (project, minute) in zip(names, sessions, strict=True):
        if sources != "transcripts":
            place.hook(name, project, minute=minute)
        if sources != "hooks":
            slug = f"-home-{'acme' if project == ACME else 'globex'}-backend"
            place.transcript(name, slug, project, minute=minute)
    with place.meter() as meter:
        if sources != "transcripts":
            assert started(meter) == {"backend": 1, "globex/backend": 2}
        if sources != "hooks":
            assert charged(meter) == {"backend": 1, "globex/backend": 2}


@pytest.mark.parametrize("restarts", [False, True])
def test_an_older_project_that_is_found_later_changes_no_label(place: Place, restarts: bool) -> None:
    place.hook("a", GLOBEX, minute=5)
    place.transcript("a", "-home-globex-backend", GLOBEX, minute=5)
    with place.meter() as meter:
        place.hook("b", ACME, minute=1)
        place.transcript("b", "-home-acme-backend", ACME, minute=1)
        place.transcript("a2", "-home-globex-backend", GLOBEX, minute=9)
        if not restarts:
            meter.catch_up()
            assert charged(meter) == {"backend": 2, "acme/backend": 1}
    with place.meter() as meter:
        assert started(meter) == charged(meter) == {"backend": 2, "acme/backend": 1}


def test_a_kill_in_the_middle_of_the_first_read_loses_no_session(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.ingest.batch_writer.BATCH_SESSIONS", 1)
    for number in range(4):
        place.hook(f"s{number}", (ACME, GLOBEX)[number % 2], minute=9 - number)
    with open_ledger(place.directory / "data", 200) as ledger:
        commits = Meter([str(place.directory / "logs")], ledger).refresh()
        assert next(commits) + next(commits) > 0
    with place.meter() as meter:
        assert started(meter) == {"backend": 2, "acme/backend": 2}


def test_a_session_without_a_directory_is_of_an_unknown_project(place: Place) -> None:
    place.hook("s")
    with place.meter() as meter:
        assert started(meter) == {"unknown": 1}


def test_the_series_of_an_older_ledger_continue_with_the_oldest_project_of_each_name(place: Place) -> None:
    acme = place.transcript("a", "-home-acme-backend", ACME, minute=1)
    globex = place.transcript("b", "-home-globex-backend", GLOBEX, minute=5)
    create_ledger_of_version_4(place.directory / "data", [acme, globex])
    with place.meter() as meter:
        assert charged(meter) == {"backend": 2}
        for number, path in ((1, globex), (2, acme)):
            write(path, assistant_line(number, USED, model=SONNET, sessionId=path.stem))
            meter.catch_up()
        assert charged(meter) == {"backend": 3, "globex/backend": 1}


def create_ledger_of_version_4(data: Path, transcripts: list[Path]) -> None:
    """A ledger that has read these transcripts, and counted two messages under one label."""
    data.mkdir()
    with sqlite3.connect(data / FILE_NAME) as connection:
        connection.executescript(";".join(MIGRATIONS[:4]))
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 4")
        labels = json.dumps([SONNET, "main", "backend"])
        connection.execute("INSERT INTO counters VALUES (?, ?, ?)", (COST.name, labels, 2 * EACH))
        connection.execute("INSERT INTO label_values VALUES ('project', 'backend')")
        for path in transcripts:
            file = log_file(str(path.parent), path.name)
            assert file
            read = read_transcript(file, Position(), str(path.parent), session_of)
            assert read
            row = FileRow.of(KnownFile.read_to(file, read.position, more=False))
            connection.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(row))
    connection.close()
