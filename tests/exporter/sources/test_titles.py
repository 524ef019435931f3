"""Titles in transcripts: given by people, generated, or summaries of old versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exporter.model.titles import TitleKind
from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.titles import MAX_TITLE
from exporter.sources.transcripts import TranscriptRead, read_transcript
from tests.support.transcript_lines import SESSION, assistant_line, session_of, write


def line(**fields: object) -> str:
    return json.dumps(fields, separators=(",", ":")) + "\n"


def generated(title: object, session: str | None = SESSION) -> str:
    return line(type="ai-title", aiTitle=title, sessionId=session)


def custom(title: object) -> str:
    return line(type="custom-title", customTitle=title, sessionId=SESSION)


def read(directory: Path, *lines: str) -> TranscriptRead:
    write(directory / f"{SESSION}.jsonl", *lines)
    file = log_file(str(directory), f"{SESSION}.jsonl")
    assert file
    found = read_transcript(file, Position(), str(directory), session_of)
    assert found
    return found


def test_the_last_title_of_each_kind_counts(tmp_path: Path) -> None:
    titles = read(tmp_path, generated("Tea"), custom("My tea"), generated("Tea, hot"), custom("My hot  tea\n")).titles
    assert titles == {(SESSION, TitleKind.GENERATED): "Tea, hot", (SESSION, TitleKind.CUSTOM): "My hot tea"}


def test_a_title_without_a_session_is_that_of_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, generated("Tea", None)).titles == {(SESSION, TitleKind.GENERATED): "Tea"}


@pytest.mark.parametrize("title", [None, "", " ", 7, ["Tea"], {}])
def test_what_is_no_title_is_ignored(tmp_path: Path, title: object) -> None:
    found = read(tmp_path, generated(title), custom(title))
    assert (found.titles, found.malformed) == ({}, 0)


def test_a_long_title_is_cut(tmp_path: Path) -> None:
    assert read(tmp_path, generated("t" * 10_000)).titles == {(SESSION, TitleKind.GENERATED): "t" * MAX_TITLE}


def test_a_summary_is_a_title_only_of_the_session_that_has_its_message(tmp_path: Path) -> None:
    summaries = (
        line(type="summary", summary="Tea", leafUuid="uuid-1-0"),
        line(type="summary", summary="x", leafUuid="o"),
    )
    found = read(tmp_path, assistant_line(1), *summaries)
    assert found.titles == {(SESSION, TitleKind.SUMMARY): "Tea"}


def test_lines_name_the_versions_that_wrote_them(tmp_path: Path) -> None:
    lines = (
        assistant_line(1, version="2.1.331"), assistant_line(2, version="2.1.332"), assistant_line(3, version=["2"]),
        assistant_line(4, version="2.1.332"), assistant_line(5),
    )  # fmt: skip
    found = read(tmp_path, *lines)
    assert found.versions == {(SESSION, "2.1.331"), (SESSION, "2.1.332")}
    assert len(found.messages) == 5
