"""The lines of a transcript that may matter, found by their first bytes."""

from __future__ import annotations

import json

import pytest

from exporter.sources.relevant_lines import is_relevant
from tests.support.transcript_lines import api_error_line, assistant_line, queue_line, queued_line, user_line

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
