"""Lines of hook logs that are broken: no value of any field and no bytes raise an unexpected error."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.records import HookRecord, Outcome, Phase
from exporter.sources.formats import HookLine
from exporter.sources.hook_records import MalformedLineError, decode_line
from tests.exporter.sources.hook_lines import read, record

SURROGATE = '"\\udc90"'


class TestBrokenLines:
    @pytest.mark.parametrize(
        "line", [b"", b" ", b"{", b"[]", b'"text"', b"1", b"null", b"{}{}", b'{"tool":"Ba', b"\0", b"\xff", b"{'a':1}"]
    )
    def test_anything_but_an_object_is_malformed(self, line: bytes) -> None:
        with pytest.raises(MalformedLineError):
            decode_line(line)

    @pytest.mark.parametrize(
        "line",
        [
            b'{"tool":"Bash","x":' + SURROGATE.encode() + b"}",
            b'{"tool":"Bash",' + SURROGATE.encode() + b":1}",
            b'{"tool":"Bash","output_preview":' + SURROGATE.encode() + b"}",
            b'{"tool":"Bash","tool_response":{"stdout":' + SURROGATE.encode() + b"}}",
            b'{"tool":"Bash","tool_response":"\xff"}',
            b'{"tool":"Bash","tool_response":{"interrupted":false,"stdout":"\xff"}}',
            b'{"tool":"Bash","error":null,"output_preview":"\xff"}',
            b'{"tool":"Bash","x":NaN,"duration_ms":NaN}',
            b'{"tool":"Bash","duration_ms":1e999}',
            b'{"tool":"Bash","duration_ms":-Infinity}',
        ],
    )
    def test_values_that_strict_json_rejects_are_read(self, line: bytes) -> None:
        assert record(line) == HookRecord(Phase.END, "", "directory", None, "Bash", outcome=Outcome.SUCCESS)

    def test_a_lone_surrogate_in_a_name_becomes_the_replacement_character(self) -> None:
        assert record(b'{"tool":"a\\udc90"}').tool == "a\ufffd"
        assert record(b'{"tool":"a\xff"}').tool == "a\ufffd"

    def test_an_input_is_always_utf_8(self) -> None:
        assert json.loads(record(b'{"tool":"Bash","tool_input":"\xff"}').input) == "\ufffd"
        assert json.loads(record(b'{"tool":"Bash","tool_input":"\\udc90"}').input) == "\ufffd"

    def test_a_repair_elsewhere_in_the_line_keeps_the_bytes_of_the_input(self) -> None:
        start = record(b'{"tool":"Bash","tool_input":{"command": "caf\\u00e9" }}', Phase.START)
        end = record(b'{"tool":"Bash","tool_input":{"command": "caf\\u00e9" },"tool_response":"\\udc90"}')
        assert start.input == end.input

    @pytest.mark.parametrize("key", ["tool_input", "tool_response", "error", "tool_calls", "payload", "x", "tool_name"])
    @pytest.mark.parametrize("depth", [100, 500, 900, 990, 1000, 5000, 200_000])
    def test_no_depth_of_nesting_raises_another_error(self, key: str, depth: int) -> None:
        line = b'{"tool":"Bash","has_error":true,"' + key.encode() + b'":' + b"[" * depth + b"]" * depth + b"}"
        try:
            read(line, Phase.END)
        except MalformedLineError:
            assert depth > 500


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**300, 10**301), st.floats(),
    st.text(st.characters(exclude_categories=[])), st.sampled_from(["PostToolUse", "PreToolUse", "PostToolBatch"]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip
BATCHES = st.lists(
    st.fixed_dictionaries({}, optional={"tool_name": VALUES, "tool_use_id": VALUES, "tool_response": VALUES})
)
FIELDS = {name: VALUES for name in HookLine.__struct_fields__ if name not in {"tool_calls", "payload"}}


@given(
    st.fixed_dictionaries({}, optional={**FIELDS, "tool_calls": BATCHES | VALUES, "payload": VALUES}),
    st.sampled_from(Phase),
    st.booleans(),
)
def test_no_value_of_any_field_raises(line: dict[str, Any], phase: Phase, wrapped: bool) -> None:
    found = read({"ts": 1, "payload": line} if wrapped else line, phase)
    assert found is None or msgspec.json.decode(msgspec.json.encode(msgspec.structs.replace(found, input=b"")))
    assert found is None or not found.input or msgspec.json.decode(found.input) is not None


@given(st.binary(), st.sampled_from(Phase))
def test_no_bytes_raise_another_error_than_malformed(data: bytes, phase: Phase) -> None:
    for line in (data, b'{"tool":"' + data + b'"}', b'{"tool":"a","has_error":true,"tool_response":"' + data + b'"}'):
        try:
            read(line, phase)
        except MalformedLineError:
            continue
