"""Compressed logs are read as if they were not compressed, and a damaged one is reported."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources import lines
from exporter.sources.changed_files import changed_files
from exporter.sources.files import LogFile, log_files
from exporter.sources.known_files import KnownFile
from exporter.sources.lines import position_at, read_chunk
from exporter.sources.positions import Position
from tests.exporter.sources.growing_log import A, B, C, Log

NAME = "events.jsonl.1"


def compress(path: Path) -> LogFile:
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    (file,) = log_files(str(path.parent))
    return file


def read_all(file: LogFile, position: Position) -> tuple[list[bytes], Position, int]:
    """All lines after a position, the position after them, and the number of chunks."""
    found, chunks = [], 0
    while chunk := read_chunk(file, position, small=True):
        found += [line for line in chunk.lines() if line.strip()]
        position, chunks = position_at(file, chunk, chunk.end), chunks + 1
    return found, position, chunks


@given(
    texts=st.lists(st.text(max_size=600), max_size=40), chunk=st.sampled_from((64, 1000, 1 << 18)), start=st.integers(0)
)
def test_lines_and_positions_are_those_of_the_plain_file(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], chunk: int, start: int
) -> None:
    found = [json.dumps({"text": text}).encode() for text in texts]
    log = Log(tmp_path_factory.mktemp("logs"), b"".join(line + b"\n" for line in found), NAME)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "SMALL_CHUNK_BYTES", chunk)
        before = Position()
        for _ in range(start % (len(found) + 1)):
            if part := read_chunk(log.file, before):
                before = position_at(log.file, part, part.start + len(part.lines()[0]) + 1)
        expected = read_all(log.file, before) if found else ([], Position(), 0)
        file = compress(log.path)
        assert read_all(file, before)[:2] == expected[:2]
        assert file.size == sum(len(line) + 1 for line in found)


def test_a_large_file_is_decompressed_a_bounded_number_of_times(tmp_path: Path) -> None:
    log = Log(tmp_path, (A + b"\n") * 4_000_000, NAME)
    found, _, chunks = read_all(compress(log.path), Position())
    assert len(found) == 4_000_000
    assert chunks <= lines.MAX_COMPRESSED_CHUNKS + 1


def test_a_file_that_is_compressed_after_the_listing_is_read_all_the_same(tmp_path: Path) -> None:
    log = Log(tmp_path, A + b"\n" + B + b"\n", NAME)
    listed = log.file
    compress(log.path)
    assert read_all(listed, Position())[0] == [A, B]


def test_until_the_original_is_removed_it_is_the_one_that_counts(tmp_path: Path) -> None:
    log = Log(tmp_path, A + b"\n", NAME)
    log.path.with_name(f"{NAME}.gz").write_bytes(gzip.compress(b"anything\n"))
    assert [file.name for file in log_files(str(tmp_path))] == [NAME]


def test_a_compressed_file_is_continued_where_the_original_was(tmp_path: Path) -> None:
    log = Log(tmp_path, A + b"\n" + B + b"\n", NAME)
    log.new()
    known = {NAME: KnownFile(log.file, log.position), "events.jsonl": KnownFile(log.file, Position(len(C), b"other"))}
    file = compress(log.path)
    assert changed_files([file], known) == {file: log.position}


def several_parts(content: bytes) -> bytes:
    return gzip.compress(content) + gzip.compress(content)


@pytest.mark.parametrize(
    "damage",
    [
        several_parts,
        lambda content: gzip.compress(content)[:-20] + gzip.compress(content)[-8:],
        lambda content: gzip.compress(content)[:-8] + b"\0\0\0\0" + gzip.compress(content)[-4:],
        lambda _content: b"no gzip at all",
        lambda _content: b"x",
    ],
)
def test_a_damaged_file_is_reported(tmp_path: Path, damage: object) -> None:
    path = tmp_path / f"{NAME}.gz"
    path.write_bytes(damage((A + b"\n") * 50))  # type: ignore[operator] # a function of the table above
    (file,) = log_files(str(tmp_path))
    with pytest.raises(OSError, match=r"damaged|several"):
        read_all(file, Position())
