"""Decoding a transcript line in one pass: the fields are those that decoding everything yields."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources.transcript_lines import Block, Content, TranscriptLine, blocks, decode_line, decoded_text
from tests.support.transcript_lines import assistant_line, user_line

# Texts that look like the end of a string or like a key.
TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        '","is_error":true',
        '"toolUseResult":{"interrupted":true}',
        "\\",
        '\\"',
        '"}]},"uuid":"x"',
        "\n",
        "\x00é😀",
        "x" * 9000,
    ]
)
NUMBERS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def objects(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with any of these fields, in any order and among others."""
    some = st.fixed_dictionaries({}, optional=fields | {"version": VALUES, "stdout": TEXTS})
    return st.tuples(some, st.randoms()).map(lambda drawn: dict(drawn[1].sample(list(drawn[0].items()), len(drawn[0]))))


BLOCKS = objects(
    {
        "type": st.sampled_from(["text", "tool_use", "tool_result"]) | VALUES, "id": VALUES, "name": VALUES,
        "tool_use_id": VALUES, "is_error": VALUES, "content": VALUES, "text": VALUES, "input": VALUES,
    }
)  # fmt: skip
MESSAGES = objects({"id": TEXTS, "model": TEXTS, "content": VALUES | BLOCKS | st.lists(BLOCKS | VALUES, max_size=3)})
LINES = objects(
    {
        "type": st.sampled_from(["user", "assistant", "system"]), "message": MESSAGES, "requestId": TEXTS,
        "uuid": TEXTS, "timestamp": VALUES, "sessionId": TEXTS, "cwd": TEXTS, "isSidechain": st.booleans(),
        "agentId": TEXTS, "attributionAgent": TEXTS, "isMeta": st.booleans(), "isCompactSummary": st.booleans(),
        "promptId": TEXTS, "toolDenialKind": TEXTS, "toolDenialBeforeRun": st.booleans(), "content": VALUES,
        "permissionDecision": VALUES | objects({"decision": VALUES}),
        "toolUseResult": VALUES | objects({"status": VALUES, "interrupted": VALUES, "searchCount": VALUES}),
    }
)  # fmt: skip
SIMPLE = (
    "type", "requestId", "uuid", "timestamp", "sessionId", "cwd", "isSidechain", "agentId", "attributionAgent",
    "isMeta", "isCompactSummary", "promptId", "toolDenialKind", "toolDenialBeforeRun",
)  # fmt: skip


def plain(value: Any) -> Any:
    """A decoded value with objects as dicts, and what was not decoded decoded."""
    if isinstance(value, msgspec.Raw):
        return json.loads(bytes(value)) if bytes(value) else None
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
        return {encoded: plain(getattr(value, name)) for encoded, name in names}
    return value


def part(value: Any, struct: Any) -> Any:
    """The fields of an object that a struct has."""
    return {name: value.get(name) for name in struct.__struct_encode_fields__} if isinstance(value, dict) else value


def as_blocks(content: Any) -> Any:
    return [part(one, Block) for one in content] if isinstance(content, list) else part(content, Block)


@given(LINES)
def test_the_fields_are_those_that_decoding_everything_yields(line: dict[str, Any]) -> None:
    found = decode_line(json.dumps(line).encode())
    assert found
    for name in SIMPLE:
        assert getattr(found, name) == line.get(name, getattr(TranscriptLine(), name))
    assert plain(found.content) == as_blocks(line.get("content"))
    message = line.get("message", {})
    assert plain(found.message.content if found.message else None) == as_blocks(message.get("content"))
    for name in ("toolUseResult", "permissionDecision"):
        value = getattr(found, name)
        assert plain(value) == part(line.get(name), type(value))


@pytest.mark.parametrize("content", [None, "go on", 5, {"type": "text"}, [], ["text", 5, None, []]])
def test_content_that_is_no_list_of_blocks_has_none(content: object) -> None:
    assert blocks(content_of(content)) == []


def test_a_message_has_its_calls_and_results_as_blocks() -> None:
    text, call, result = blocks(
        content_of(
            [
                {"type": "text", "text": "Looking"},
                {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}},
                {"tool_use_id": "toolu_1", "type": "tool_result", "content": "no such file", "is_error": True},
            ]
        )
    )
    assert (text.type, decoded_text(text.text)) == ("text", "Looking")
    assert (call.type, call.id, call.name, bytes(call.input)) == ("tool_use", "toolu_1", "Bash", b'{"command":"ls"}')
    assert (result.type, result.tool_use_id, result.is_error) == ("tool_result", "toolu_1", True)
    assert json.loads(bytes(result.content)) == "no such file"


def content_of(content: object) -> Content:
    """The content of a message, decoded."""
    line = decode_line(assistant_line(1, message={"content": content}).encode())
    assert line
    assert line.message
    return line.message.content


@pytest.mark.parametrize("text", ["", "nonsense", '{"type":"user"', '{"type":"user","stdout":"\\q"}', user_line()[:-9]])
def test_what_is_no_json_is_no_line(text: str) -> None:
    assert decode_line(text.encode()) is None


@pytest.mark.parametrize("text", ["[]", "5", "null", '"user"', '{"type":"user","uuid":5}'])
def test_json_of_another_shape_has_no_fields(text: str) -> None:
    assert decode_line(text.encode()) == TranscriptLine()


def test_a_text_that_is_not_valid_utf_8_is_repaired() -> None:
    line = decode_line(user_line().encode().replace(b"continue", b"\xff\xfe"))
    assert line
    assert line.message
    assert line.message.content == "\ufffd\ufffd"
