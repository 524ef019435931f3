import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources.json_repair import repaired

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text())
JSON = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=10)


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (rb'"\udc90"', rb'"\ufffd"'),
        (rb'"\ud83d"', rb'"\ufffd"'),
        (rb'"\uD83D\uDE00"', rb'"\uD83D\uDE00"'),
        (rb'"\ude00\ud83d"', rb'"\ufffd\ufffd"'),
        (rb'"\ud83d\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"'),
        (rb'"\\udc90"', rb'"\\udc90"'),
        (rb'"\\\udc90"', rb'"\\\ufffd"'),
        (b'{"a": NaN, "b" : [Infinity,-Infinity]}', b'{"a": null, "b" : [null,null]}'),
        (b"[1e999,-1e999,1E+999,1e-999,1e99]", b"[null,null,null,1e-999,1e99]"),
        (b'"NaN \\" Infinity 1e999"', b'"NaN \\" Infinity 1e999"'),
        (b'"\xff"', '"\ufffd"'.encode()),
        ('{"é": "\u2028"}'.encode(), '{"é": "\u2028"}'.encode()),
    ],
)  # fmt: skip
def test_only_broken_parts_are_changed(broken: bytes, whole: bytes) -> None:
    assert repaired(broken) == whole
    msgspec.json.decode(whole)


@given(JSON, st.booleans())
def test_valid_json_keeps_its_bytes(value: object, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert repaired(data) == data


@given(st.text(st.characters(exclude_categories=[])))
def test_every_text_that_python_writes_becomes_valid_json(text: str) -> None:
    whole = msgspec.json.decode(repaired(json.dumps([text]).encode()))
    assert whole == [text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")] or "\ufffd" in whole[0]


@given(st.binary())
def test_no_bytes_raise_and_a_second_repair_changes_nothing(data: bytes) -> None:
    assert repaired(repaired(data)) == repaired(data)


@pytest.mark.parametrize(
    "piece", [b'"', b'\\"', b'"\\', b"1", b"1e", b"\\ud800", b'"\\ud800', b"-", b"N", b"\xff", b"[", b"1.1e"]
)
def test_a_hostile_line_is_repaired_in_linear_time(piece: bytes) -> None:
    started = time.process_time()
    repaired(b'{"a": "' + piece * (1_000_000 // len(piece)))
    repaired(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 10
