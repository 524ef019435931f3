"""A full disk below the ledger: it is said, and nothing is lost."""

from __future__ import annotations

from io import FileIO
from pathlib import Path

import pytest

from tests.e2e.processes import wait_for
from tests.faults.workplace import Metered, Workplace
from tests.support.namespaces import user_namespace

MOUNT = 'mkdir -p "$0"; mount -t tmpfs -o size=4m none "$0"; exec "$@"'


def test_a_full_disk_is_reported_on_every_page_and_totals_are_exact_afterwards(tmp_path: Path) -> None:
    place = Workplace(tmp_path, seed=31)
    with place.metered(through=[*user_namespace("--mount"), "sh", "-ec", MOUNT, place.data]) as metered:
        place.write(300)
        wait_for(lambda: metered.value("claude_tool_calls_total"), "the first totals")
        for _ in range(3):
            ballast = fill_up(metered, place.data)
            place.write(1000)
            wait_for(lambda: "could not be written" in metered.unready(), "the exporter to report the full disk")
            errors = metered.value("hookmeter_ledger_write_errors_total")
            wait_for(lambda: metered.value("hookmeter_ledger_write_errors_total") > errors, "more write errors")  # noqa: B023
            wait_for(lambda: metered.value("hookmeter_read_lag_seconds") > 3, "the lag to grow")
            ballast.unlink()
            wait_for(lambda: not metered.unready(), "the exporter to continue")
        place.write(300)
        place.wait_until_exact(metered)


def fill_up(metered: Metered, directory: Path) -> Path:
    """Take all the space of the disk, which only the exporter has mounted."""
    ballast = Path(f"/proc/{metered.process.pid}/root{directory}/ballast")
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left on device"):
        write_for_ever(file)
    return ballast


def write_for_ever(file: FileIO) -> None:
    while True:
        file.write(b"x" * 4096)
