"""Files and directories that may not be read for a while: they cost themselves alone, and nothing in the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.processes import wait_for
from tests.faults.workplace import Metered, Workplace

# Permissions apply to root, too, without these capabilities; the test itself has them, and writes all the same.
RESTRICTED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@contextmanager
def forbidden(path: Path) -> Iterator[None]:
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write what nobody may read")
def test_totals_are_exact_after_files_and_directories_could_not_be_read(tmp_path: Path) -> None:
    place = Workplace(tmp_path, seed=41)
    place.write(2000)
    sessions = sorted(place.agents.directory.iterdir())
    with place.metered(through=RESTRICTED) as metered:
        wait_for(lambda: not metered.unready(), "the exporter to be ready")
        for path in (*sessions[0].iterdir(), sessions[1], place.agents.directory, *place.model.files[:2]):
            with forbidden(path):
                wait_for(lambda: is_reported(place, metered), f"{path} to be reported")
            wait_for(lambda: not unreadable(metered), f"{path} to be read")
        place.wait_until_exact(metered)


def is_reported(place: Workplace, metered: Metered) -> bool:
    """Whether anything cannot be read, after more was written."""
    place.write(20)
    return unreadable(metered) > 0


def unreadable(metered: Metered) -> float:
    return metered.value("hookmeter_unreadable_folders")
