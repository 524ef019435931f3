"""Jumps of the clock while the exporter runs: nothing counts twice, nothing is lost, and no counter decreases."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.processes import wait_for
from tests.faults.workplace import Workplace

HOUR = 3600
JUMPS = (0, -HOUR, HOUR, -10 * HOUR, 6 * HOUR, -5, 0)  # by less than a day, after which open calls expire
CLOCK = """
import sys, time
from pathlib import Path
real, offset = time.time_ns, Path(sys.argv.pop(1))
time.time_ns = lambda: real() + int(offset.read_text()) * 1_000_000_000
from exporter.cli import main
main()
"""


def test_totals_are_exact_after_the_clock_has_jumped_back_and_forth(tmp_path: Path) -> None:
    place, offset = Workplace(tmp_path, seed=51), tmp_path / "offset"
    offset.write_text("0")
    with place.metered(program=(sys.executable, "-c", CLOCK, offset)) as metered:
        for seconds in JUMPS:
            (tmp_path / "next").write_text(str(seconds))
            (tmp_path / "next").replace(offset)
            place.write(400)
            lines = metered.value("hookmeter_lines_total")
            wait_for(lambda: metered.value("hookmeter_lines_total") >= lines > 0, "a page")  # noqa: B023
        place.wait_until_exact(metered)
