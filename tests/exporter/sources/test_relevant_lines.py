"""The lines of a transcript that may matter, found by their first bytes."""

from __future__ import annotations

import json

import pytest

from exporter.sources.relevant_lines import is_relevant, may_have_spending
from tests.support.transcript_lines import (
    api_error_line,
    assistant_line,
    prompt_line,
    queue_line,
    queued_line,
    result_line,
    search_line,
    user_line,
)

COST_STATE = '{"type":"cost-state","totalCostUSD":1}\n'
PROGRESS = '{"parentUuid":null,"type":"progress","data":{"type":"agent_progress"}}\n'
CONVERSATION = [assistant_line(1), user_line(), api_error_line(1), queued_line("and the tests"), queue_line("next")]
RELEVANT = [*CONVERSATION, COST_STATE, PROGRESS, "{}\n", "nonsense\n"]
ATTACHMENT = '{"parentUuid":null,"isSidechain":false,"attachment":{"type":"file","content":"{"},"type":"attachment"}\n'
BOOKKEEPING = [
    ATTACHMENT,
    '{"type":"file-history-snapshot","messageId":"user"}\n',
    '{"type":"api-request-shape","shape":{"type":"user","usage":5}}\n',
    '{"type":"user-settings"}\n',
    "\n",
    " \n",
]


@pytest.mark.parametrize("line", RELEVANT)
def test_a_line_of_the_conversation_is_relevant(line: str) -> None:
    assert is_relevant(line.encode())


@pytest.mark.parametrize("line", BOOKKEEPING)
def test_bookkeeping_and_attachments_without_prompts_are_not_relevant(line: str) -> None:
    assert not is_relevant(line.encode())


@pytest.mark.parametrize(
    "line",
    [
        {"parentUuid": None, "type": "user", "message": {"content": '"attachment":{'}},
        {"parentUuid": '"attachment":{', "type": "user"},
        {"parentUuid": None, "message": {"attachment": {"type": "file"}}, "type": "assistant"},
        {"parentUuid": None, "message": {"content": []}, "attachment": {"type": "file"}, "type": "user"},
        {"parentUuid": None, "attachment": None, "message": {"content": []}, "type": "user"},
    ],
)
def test_a_line_that_only_names_an_attachment_is_relevant(line: dict[str, object]) -> None:
    assert is_relevant(json.dumps(line, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "start", ['{"type": "user"', '\ufeff{"type":"user"', ' {"type":"user"', '{"usage":{"type":"user"}']
)
def test_a_line_of_unusual_form_is_relevant(start: str) -> None:
    assert is_relevant(f"{start}}}".encode())


@pytest.mark.parametrize("line", [assistant_line(1), api_error_line(1), search_line(1, 2), COST_STATE, PROGRESS])
def test_lines_that_report_spending_are_recognized(line: str) -> None:
    assert may_have_spending(line.encode())


@pytest.mark.parametrize("line", [user_line(), prompt_line("hello"), result_line("a"), result_line("a", error="no")])
def test_prompts_and_results_report_no_spending(line: str) -> None:
    assert not may_have_spending(line.encode())


@pytest.mark.parametrize(
    "line",
    [
        {"type": "progress", "data": {"message": {"role": "user", "type": "x"}}, "message": {"role": "assistant"}},
        {"cwd": '"message":{"role":"user",', "type": "assistant", "message": {"role": "assistant"}},
        {"slug": "{", "message": {"role": "user", "content": ""}, "type": "user"},
    ],
)
def test_a_line_that_only_looks_like_that_of_a_user_may_report_spending(line: dict[str, object]) -> None:
    assert may_have_spending(json.dumps(line, separators=(",", ":")).encode())


def test_a_line_that_is_not_written_as_claude_code_does_may_report_spending() -> None:
    assert may_have_spending(json.dumps({"type": "user", "message": {"role": "user", "content": ""}}).encode())
