import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources import lines
from exporter.sources.files import LogFile
from exporter.sources.lines import BOM, position_at, read_chunk
from exporter.sources.positions import Position
from tests.exporter.sources.growing_log import A, B, C, Log


class TestLines:
    def test_whole_lines_are_delivered_once(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n" + B + b"\n")
        assert log.new() == [A, B]
        assert log.new() == []
        log.append(C + b"\n")
        assert log.new() == [C]

    def test_an_empty_file_has_no_lines(self, tmp_path: Path) -> None:
        log = Log(tmp_path)
        assert read_chunk(log.file, log.position) is None
        log.append(A + b"\n")
        assert log.new() == [A]

    def test_a_file_that_vanished_has_no_lines(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n")
        log.path.unlink()
        assert read_chunk(log.file, log.position) is None

    def test_a_file_that_cannot_be_read_raises(self, tmp_path: Path) -> None:
        (tmp_path / "events.jsonl").symlink_to(tmp_path / "events.jsonl")
        with pytest.raises(OSError, match="Too many levels"):
            read_chunk(LogFile(str(tmp_path), "events.jsonl", 0, 0, 0, 0), Position())

    def test_an_incomplete_last_line_is_left_until_it_is_whole(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n" + B[:4])
        assert log.new() == [A]
        assert log.new() == []
        log.append(B[4:] + b"\n")
        assert log.new() == [B]

    @pytest.mark.parametrize("before", [b"", A + b"\n"])
    def test_a_whole_object_needs_no_newline_after_it(self, tmp_path: Path, before: bytes) -> None:
        log = Log(tmp_path, before + B)
        assert log.new() == [line for line in (before.strip(), B) if line]
        log.append(b"\n" + C + b"\n")
        assert log.new() == [C]

    @pytest.mark.parametrize("last", [b'{"a":"}', b'{"a":{}', b"}", b"1", b'"}"', b'{"a":1}{"b":2}', b'{"a":"\xff"}'])
    def test_a_last_line_that_only_ends_like_an_object_is_left(self, tmp_path: Path, last: bytes) -> None:
        log = Log(tmp_path, A + b"\n" + last)
        assert log.new() == [A]
        log.append(b"\n")
        assert log.new() == [last]

    def test_a_byte_order_mark_stays_with_the_first_line(self, tmp_path: Path) -> None:
        log = Log(tmp_path, BOM + A + b"\n" + B)
        assert log.new() == [BOM + A, B]
        assert Log(tmp_path, BOM + A).new() == [BOM + A]
        assert Log(tmp_path, BOM).new() == []

    def test_lines_may_have_windows_line_ends(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\r\n" + B + b"\r\n\r\n" + C + b"\r")
        assert [json.loads(line) for line in log.new()] == [{"a": 1}, {"b": 22}, {"c": 333}]

    def test_blank_lines_are_delivered_with_the_rest(self, tmp_path: Path) -> None:
        chunk = Log(tmp_path, b"\n" + A + b"\n\n \n").next_chunk()
        assert chunk is not None
        assert chunk.lines() == [b"", A, b"", b" ", b""]
        assert chunk.end == chunk.bytes_read == len(A) + 5

    def test_a_partly_counted_chunk_is_continued_after_the_counted_lines(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n" + B + b"\n" + C + b"\n")
        chunk = read_chunk(log.file, log.position)
        assert chunk is not None
        log.position = position_at(log.file, chunk, chunk.offset_after([A]))
        assert log.new() == [B, C]


class TestLongLines:
    def test_a_line_of_ten_megabytes_is_one_line(self, tmp_path: Path) -> None:
        long = b'{"x":"' + b"y" * (10 << 20) + b'"}'
        log = Log(tmp_path, A + b"\n" + long + b"\n" + B + b"\n")
        assert log.new() == [A, long, B]

    @pytest.mark.parametrize("length", [64, 65, 100, 1000])
    def test_a_line_that_is_too_long_is_skipped_and_counted_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
    ) -> None:
        monkeypatch.setattr(lines, "CHUNK_BYTES", 8)
        monkeypatch.setattr(lines, "MAX_LINE_BYTES", 64)
        log = Log(tmp_path, A + b"\n" + b"x" * length + b"\n" + B + b"\n")
        torn, found = 0, []
        while chunk := log.next_chunk():
            torn += chunk.torn
            found += [line for line in chunk.lines() if line]
        assert (torn, found) == (1, [A, B])

    def test_a_line_that_may_still_end_within_the_bound_is_left(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lines, "CHUNK_BYTES", 8)
        monkeypatch.setattr(lines, "MAX_LINE_BYTES", 64)
        log = Log(tmp_path, b"x" * 63)
        assert log.next_chunk() is None
        log.append(b"\n")
        assert log.new() == [b"x" * 63]


LINE = st.one_of(
    st.dictionaries(st.text(max_size=3), st.text(max_size=8), max_size=2).map(lambda d: json.dumps(d).encode()),
    st.binary(max_size=12).map(lambda b: b"x" + b.replace(b"\n", b"}")),
)


@given(
    written=st.lists(LINE, max_size=12), cuts=st.lists(st.integers(0, 200), max_size=8), chunk_bytes=st.integers(1, 40)
)
def test_any_appends_and_reads_deliver_every_line_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes], cuts: list[int], chunk_bytes: int
) -> None:
    content = b"".join(line + b"\n" for line in written)
    log = Log(tmp_path_factory.mktemp("log"))
    found: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK_BYTES", chunk_bytes)
        start = 0
        for cut in [*sorted(cuts), len(content)]:
            log.append(content[start:cut])
            start = max(start, cut)
            found += log.new()
    assert found == [line for line in written if line.strip()]


class TestArrays:
    def elements(self, log: Log) -> list[Any]:
        return [json.loads(line) for line in log.new()]

    @pytest.mark.parametrize("indent", [None, 2])
    def test_a_growing_array_delivers_each_element_once(self, tmp_path: Path, indent: int | None) -> None:
        log = Log(tmp_path, b"[]")
        assert log.new() == []
        values: list[Any] = []
        for number in range(4):
            values.append({"n": number, "text": "a\nb"})
            log.path.write_text(json.dumps(values, indent=indent))
            assert self.elements(log) == [values[-1]]
        assert log.new() == []

    def test_an_array_may_start_with_a_byte_order_mark_and_blanks(self, tmp_path: Path) -> None:
        assert Log(tmp_path, BOM + b' \r\n[{"a":1},\n{"b":22}]\n').new() == [A, B]

    @pytest.mark.parametrize("known", [0, 1, 2, 40])
    @pytest.mark.parametrize("layout", [{}, {"indent": 1}, {"separators": (",", ":")}], ids=["", "indented", "short"])
    def test_an_array_that_is_being_rewritten_delivers_each_element_once_and_no_fault(
        self, tmp_path: Path, known: int, layout: dict[str, Any]
    ) -> None:
        values = [{"n": number, "same": [{"x": "]"}]} for number in range(known + 2)]
        log = Log(tmp_path, json.dumps(values[:known], **layout).encode())
        found = self.elements(log)
        whole = json.dumps(values, **layout).encode()
        for length in range(len(whole) + 1):
            log.path.write_bytes(whole[:length])
            found += self.elements(log)
        assert found == values

    def test_an_array_that_is_overwritten_in_place_delivers_each_element_once(self, tmp_path: Path) -> None:
        old, new = b"[" + A + b"," + B + b"]\n", b"[" + A + b"," + B + b"," + C + b"]\n"
        log = Log(tmp_path, old)
        found = log.new()
        for length in range(len(new) + 1):
            log.path.write_bytes(new[:length] + old[length:])
            found += log.new()
        assert found == [A, B, C]

    def test_a_record_that_was_cut_off_is_delivered_once_it_is_completed(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[" + A + b",\n" + B[:4])
        assert log.new() == [A]
        log.path.write_bytes(b"[" + A + b",\n" + B + b"]")
        assert log.new() == [B]

    def test_a_record_that_was_cut_off_is_damaged_once_another_one_follows_it(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[\n" + A + b",\n" + B[:4])
        assert log.new() == [A]
        log.append(b",\n" + C)
        assert log.new() == [B[:4], C]
        log.append(b"\n]\n")
        assert log.new() == []

    def test_an_array_that_is_never_closed_is_read_as_it_grows(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[\n")
        for record in (A, B, C):
            assert log.new() == []
            log.append(record + b",\n")
            assert log.new() == [record]

    @pytest.mark.parametrize("damaged", range(3))
    def test_a_damaged_record_is_delivered_as_it_is_and_the_others_once(self, tmp_path: Path, damaged: int) -> None:
        records = [A, B, C]
        records[damaged] = b'{"x":x}'
        log = Log(tmp_path, b"[\n" + b",\n".join(records) + b"]")
        assert log.new() == records
        log.path.write_bytes(b"[\n" + b",\n".join([*records, A]) + b"]")
        assert log.new() == [A]

    def test_a_last_record_that_was_repaired_is_new_and_those_before_it_are_not(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[\n" + A + b',\n{"b":x}\n]')
        assert log.new() == [A, b'{"b":x}']
        log.path.write_bytes(b"[\n" + A + b",\n" + B + b",\n" + C + b"]")
        assert log.new() == [B, C]

    def test_a_last_record_that_was_damaged_since_is_not_delivered_again_nor_those_before_it(
        self, tmp_path: Path
    ) -> None:
        log = Log(tmp_path, b"[\n" + A + b",\n" + B + b"]")
        log.new()
        log.path.write_bytes(b"[\n" + A + b',\n{"b":x},\n' + C + b"]")
        assert log.new() == [C]

    def test_an_array_that_lost_its_last_elements_is_continued(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[" + A + b"," + B + b"]")
        log.new()
        log.path.write_bytes(b"[" + A + b"]")
        assert log.new() == []
        log.path.write_bytes(b"[" + A + b"," + C + b"]")
        assert log.new() == [C]

    def test_an_empty_array_before_lines_is_a_line(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[]\n")
        assert log.new() == []
        log.append(A + b"\n")
        assert log.new() == [b"[]", A]
        log.append(B + b"\n")
        assert log.new() == [B]

    def test_a_line_of_text_in_brackets_is_a_line(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[2026-11-28 20:00:00] started\n" + A + b"\n")
        assert log.new() == [b"[2026-11-28 20:00:00] started", A]

    def test_an_array_that_shrank_to_other_elements_is_read_from_its_start(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[" + A + b"," + B + b"]")
        log.new()
        log.path.write_bytes(b"[" + C + b"]")
        assert log.new() == [C]

    def test_an_array_of_other_elements_is_read_from_its_start_whatever_its_length(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[" + A + b"]")
        log.new()
        log.path.write_bytes(b"[" + C + b"," + B + b"]")
        assert log.new() == [C, B]

    def test_an_array_without_its_oldest_elements_is_continued(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[" + A + b"," + B + b"]")
        log.new()
        log.path.write_bytes(b"[" + B + b"," + C + b"]")
        assert log.new() == [C]

    def test_an_array_may_have_elements_of_any_type(self, tmp_path: Path) -> None:
        assert self.elements(Log(tmp_path, b'[{}, 1, null, "a", [2]]')) == [{}, 1, None, "a", [2]]

    def test_an_element_that_strict_json_rejects_is_repaired_and_its_neighbours_keep_their_bytes(
        self, tmp_path: Path
    ) -> None:
        log = Log(tmp_path, b'[{"a" : "caf\\u00e9"}, {"b": "\\udc90", "c": NaN}]')
        assert log.new() == [b'{"a" : "caf\\u00e9"}', b'{"b": "\\ufffd", "c": null}']

    def test_a_partly_counted_array_is_continued(self, tmp_path: Path) -> None:
        log = Log(tmp_path, b"[" + A + b"," + B + b"," + C + b"]")
        chunk = read_chunk(log.file, log.position)
        assert chunk is not None
        log.position = position_at(log.file, chunk, chunk.offset_after([A]))
        assert log.new() == [B, C]
        log.position = position_at(log.file, chunk, chunk.offset_after([]))
        assert log.new() == [A, B, C]

    def test_an_array_that_replaces_lines_and_vice_versa_is_read_from_its_start(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n")
        log.new()
        log.path.write_bytes(b"[" + B + b"," + C + b"]")
        assert log.new() == [B, C]
        log.path.write_bytes(A + b"\n" + C + b"\n")
        assert log.new() == [A, C]
