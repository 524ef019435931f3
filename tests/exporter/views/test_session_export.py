"""A session as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from exporter.hooks_reader import HooksReader
from exporter.model.money import Amount
from exporter.views.session_events import timeline_event
from exporter.views.session_export import COLUMNS, FORMATS, SessionExport
from exporter.views.sessions import priced, tool_use
from tests.support.eventful_session import EVENTFUL, SECRET, SUBJECTS, Writer, write_eventful_session
from tests.support.synthetic_logs import MINUTE_US, now_us


def exported(tmp_path: Path, *requests: Any) -> SessionExport:
    reader = HooksReader(tmp_path / "logs", transcript_roots=[tmp_path / "projects"])
    found, events = reader.get_session_calls(EVENTFUL), reader.get_session_events(EVENTFUL)
    assert found
    assert events
    tools = [tool_use(logged, found.project) for logged in found.calls]
    shown = [timeline_event(event, events.project) for event in events.events]
    return SessionExport(priced(found.summary, Amount()), tools, shown, [*requests])


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path / "logs", tmp_path / "projects", now_us() - 10 * MINUTE_US)


def spent(request: str, cost: float | None, second: int) -> dict[str, Any]:
    tokens = dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"), 1)
    at = f"2026-11-29T12:00:{second:02}+00:00"
    return {"request": request, "at": at, "model": "m", "agent": "main", **tokens, "cost_usd": cost}


def rows(export: SessionExport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FORMATS["csv"].written(export))))


def test_every_format_is_redacted(tmp_path: Path, writer: Writer) -> None:
    write_eventful_session(writer.logs, writer.projects, writer.at_us)
    for name, form in FORMATS.items():
        text = form.written(exported(tmp_path))
        assert SECRET not in text, name
        assert "make test" in text, name


def test_json_has_all_parts(tmp_path: Path, writer: Writer) -> None:
    write_eventful_session(writer.logs, writer.projects, writer.at_us)
    export = exported(tmp_path)
    parts = json.loads(FORMATS["json"].written(export))
    assert parts == {
        "summary": export.summary, "tools": export.tools, "events": export.events, "requests": export.requests
    }  # fmt: skip


def test_csv_has_a_row_for_each_call_event_and_request(tmp_path: Path, writer: Writer) -> None:
    write_eventful_session(writer.logs, writer.projects, writer.at_us)
    found = rows(exported(tmp_path))
    assert tuple(found[0]) == COLUMNS
    assert [row["text"] for row in found if row["kind"] == "call"] == list(SUBJECTS)
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)


def test_the_costs_of_rows_add_up_to_the_last_total(tmp_path: Path, writer: Writer) -> None:
    writer.answer(1, "An answer")
    answered = exported(tmp_path).events[0]["request"]
    requests = [spent(answered, 0.5, 1), spent("alone", None, 2), spent("more", 0.25, 3)]
    found = rows(exported(tmp_path, *requests))
    costs = {row["request"]: (row["kind"], row["cost_usd"], row["total_usd"]) for row in found}
    assert costs == {
        answered: ("answer", "0.5", "0.5"), "alone": ("request", "", "0.5"), "more": ("request", "0.25", "0.75"),
    }  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\n@"])
def test_no_cell_is_a_formula(tmp_path: Path, writer: Writer, start: str) -> None:
    writer.prompt(1, f"x{start}")
    writer.call(2, 1, f"{start}tool", {"command": f"{start}cmd|' /C calc'!A0"}, error=f"{start}1+1", text=f"{start}2")
    cells = [cell for row in rows(exported(tmp_path)) for name, cell in row.items() if name != "at"]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\n", " "))] == []
    assert any(cell.startswith("'") for cell in cells)


def test_a_question_of_the_agent_waits_for_an_answer_not_for_permission(tmp_path: Path, writer: Writer) -> None:
    for number, tool in enumerate(("AskUserQuestion", "ExitPlanMode", "Bash")):
        writer.call(number, 0.1, tool, {"command": "x"}, permission=0.2)
    lines = [line for line in FORMATS["markdown"].written(exported(tmp_path)).splitlines() if "waits for" in line]
    assert [re.findall(r"waits for [a-zA-Z ]+", line) for line in lines] == [
        ["waits for an answer AskUserQuestion"], ["waits for an answer ExitPlanMode"], ["waits for permission Bash"],
    ]  # fmt: skip


def test_no_text_is_markdown_or_html(tmp_path: Path, writer: Writer) -> None:
    hostile = "````\n# heading\n<script>alert(1)</script> `code` ![x](http://example.invalid/x.png)"
    writer.prompt(1, hostile)
    writer.call(2, 1, "`Bash`", {"command": hostile}, error=hostile, text=hostile)
    text = FORMATS["markdown"].written(exported(tmp_path))
    outside = re.sub(r"(?ms)^  (`{3,})text\n.*?\n  \1$", "", text)
    outside = re.sub(r"(?s)(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "script" not in outside
    assert "example.invalid" not in outside
    assert [line for line in outside.splitlines() if line.startswith("# heading")] == []


def test_blank_lines_separate_headings_lists_and_errors(tmp_path: Path, writer: Writer) -> None:
    write_eventful_session(writer.logs, writer.projects, writer.at_us)
    text = FORMATS["markdown"].written(exported(tmp_path))
    lines = re.sub(r"(?ms)^  (`{3,})text\n.*?\n  \1$", "```", text).split("\n")
    kinds = [re.sub(r"[^#`-].*", "", line) for line in lines]
    pairs = {(one, other) for one, _, other in zip(kinds, kinds[1:], kinds[2:], strict=False) if one and other}
    assert {("-", "##"), ("-", "```"), ("```", "-"), ("```", "##")} <= pairs
    assert {(one, other) for one, other in pairwise(kinds) if one and other} == {("-", "-")}
    assert kinds[-2:] == ["-", ""]
