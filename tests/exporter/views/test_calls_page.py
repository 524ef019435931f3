"""Pages of calls: bounded by number and size, and only their own calls are redacted."""

from __future__ import annotations

import json

import pytest

from exporter.model.records import LoggedCall, Outcome, ToolCall
from exporter.views import calls_page as calls_module
from exporter.views import pages
from exporter.views.calls_page import calls_page
from exporter.views.sessions import tool_use

PROJECT = "/home/you/shop"


def logged(number: int, text: str = "", *, running: bool = False) -> LoggedCall:
    tool_input = json.dumps({"number": number, "text": text}).encode()
    outcome = Outcome.UNKNOWN if running else Outcome.SUCCESS
    return LoggedCall(ToolCall("Write", "main", outcome, number, number, 1, input=tool_input), running)


def test_consecutive_pages_have_every_call_once() -> None:
    calls = [logged(number, running=number == 6) for number in range(7)]
    numbers: list[int] = []
    cursor: int | None = 0
    while cursor is not None:
        page = calls_page(calls, PROJECT, cursor, 3)
        numbers += [use["parameters"]["number"] for use in page.items]
        cursor = page.next_cursor
    assert numbers == list(range(7))
    assert calls_page(calls, PROJECT, 6, 3).items[0]["outcome"] == "running"
    assert calls_page(calls, PROJECT, 7, 3) == ([], None)


def test_a_page_is_bounded_by_the_size_of_its_calls_but_has_at_least_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_BYTES", 1000)
    calls = [logged(number, "x" * 600) for number in range(3)]
    assert [calls_page(calls, PROJECT, at, 200).next_cursor for at in range(4)] == [1, 2, None, None]


def test_only_the_calls_of_the_page_are_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[int] = []

    def noted(logged: LoggedCall, project: str) -> object:
        shown.append(logged.call.started_us or 0)
        return tool_use(logged, project)

    monkeypatch.setattr(calls_module, "tool_use", noted)
    calls_page([logged(number) for number in range(2000)], PROJECT, 400, 200)
    assert shown == list(range(400, 600))
