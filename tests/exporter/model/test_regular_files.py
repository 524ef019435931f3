from __future__ import annotations

from pathlib import Path

import pytest

from exporter.model.regular_files import SMALL_BYTES, open_regular, read_bounded
from tests.support.not_regular import NOT_REGULAR, deadline


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "f"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("kind", NOT_REGULAR)
def test_what_is_no_regular_file_is_refused_and_not_waited_for(path: Path, kind: str) -> None:
    NOT_REGULAR[kind](path)
    open_before = open_files()
    with deadline(), pytest.raises(OSError, match=r"regular file|directory|No such device"):
        open_regular(path)
    assert open_files() == open_before


def test_a_file_is_read_up_to_its_bound_and_a_larger_one_is_refused(path: Path) -> None:
    path.write_bytes(b"x" * SMALL_BYTES)
    assert len(read_bounded(path)) == SMALL_BYTES
    path.write_bytes(b"x" * (SMALL_BYTES + 1))
    with pytest.raises(OSError, match="larger than 64 kB"):
        read_bounded(path)
    assert read_bounded(path, SMALL_BYTES + 1)
