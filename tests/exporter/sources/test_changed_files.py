"""Files that have changed since they were read, and the positions to resume at."""

from pathlib import Path

import pytest

from exporter.sources import lines
from exporter.sources.lines import position_at, read_chunk
from exporter.sources.log_content import LogContent
from tests.exporter.sources.growing_log import A, B, C, Log


class TestChangedFiles:
    def test_a_file_that_shrank_is_read_from_its_start(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n" + B + b"\n")
        log.new()
        log.path.write_bytes(C + b"\n")
        assert log.new() == [C]

    @pytest.mark.parametrize("more", [b"", A + b"\n"])
    def test_a_file_rewritten_at_the_same_or_a_larger_size_is_read_from_its_start(
        self, tmp_path: Path, more: bytes
    ) -> None:
        log = Log(tmp_path, A + b"\n" + A + b"\n")
        log.new()
        other = A.replace(b"1", b"2")
        log.path.write_bytes(other + b"\n" + other + b"\n" + more)
        assert log.new() == [line for line in (other, other, more.strip()) if line]

    def test_a_file_that_was_emptied_is_read_from_its_start(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n")
        log.new()
        log.path.write_bytes(b"")
        assert log.new() == []
        log.append(B + b"\n")
        assert log.new() == [B]

    def test_a_rotated_file_is_continued_under_its_new_name(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n")
        log.new()
        log.append(B + b"\n")
        log.path = log.path.rename(tmp_path / "events.jsonl.1")
        assert log.new() == [B]

    def test_a_new_file_with_the_name_of_a_rotated_one_is_read_from_its_start(self, tmp_path: Path) -> None:
        log = Log(tmp_path, A + b"\n" + A + b"\n")
        log.new()
        log.path.rename(tmp_path / "events.jsonl.1")
        log.path.write_bytes(B + b"\n" + C + b"\n")
        assert log.new() == [B, C]

    def test_a_file_that_grows_while_it_is_read_loses_and_repeats_no_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = Log(tmp_path, A + b"\n")
        is_array = lines._is_array

        def grown(content: LogContent) -> bool:
            log.append(B + b"\n" + C[:3])
            return is_array(content)

        monkeypatch.setattr(lines, "_is_array", grown)
        chunk = read_chunk(log.file, log.position)
        monkeypatch.undo()
        assert chunk is not None
        log.position = position_at(log.file, chunk, chunk.end)
        log.append(C[3:] + b"\n")
        assert [line for line in chunk.lines() if line] + log.new() == [A, B, C]

    def test_a_position_has_a_digest_of_what_precedes_it_however_small_the_new_part(self, tmp_path: Path) -> None:
        log = Log(tmp_path)
        for number in range(300):
            line = b'{"n":%d}' % number
            log.append(line + b"\n")
            assert log.new() == [line]
