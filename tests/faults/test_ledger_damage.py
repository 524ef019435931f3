"""A ledger that is damaged or gone: it is set aside, and everything that is still on disk is counted again."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.ledger.file_names import FILE_NAME
from tests.e2e.processes import wait_for
from tests.faults.workplace import Workplace

PAGE_BYTES = 4096


def overwrite_pages(ledger: Path) -> None:
    """Overwrite every other page but the first."""
    rng = random.Random(71)
    with ledger.open("r+b") as file:
        for start in range(PAGE_BYTES, ledger.stat().st_size, 2 * PAGE_BYTES):
            file.seek(start)
            file.write(rng.randbytes(PAGE_BYTES))


def overwrite_header(ledger: Path) -> None:
    with ledger.open("r+b") as file:
        file.write(b"not a database, but text" * 100)


def cut_off(ledger: Path) -> None:
    with ledger.open("r+b") as file:
        file.truncate(ledger.stat().st_size // 2)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "pages": overwrite_pages,
    "header": overwrite_header,
    "cut off": cut_off,
    "empty": lambda ledger: os.truncate(ledger, 0),
    "removed": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_totals_are_exact_after_a_ledger_was_damaged(tmp_path: Path, damage: str) -> None:
    place = Workplace(tmp_path, seed=72)
    place.write(3000)
    with place.metered() as metered:
        wait_for(lambda: not metered.unready(), "the exporter to be ready")
    for log in place.data.glob(f"{FILE_NAME}-*"):
        log.unlink()
    DAMAGES[damage](place.data / FILE_NAME)
    place.write(500)
    with place.metered() as metered:
        place.write(500)
        place.wait_until_exact(metered)
