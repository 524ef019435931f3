"""An exporter that is killed again and again while it reads a long history."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.faults.workplace import Workplace

KILLS = 25


def test_totals_are_exact_after_kills_while_the_history_is_read(tmp_path: Path) -> None:
    place, rng = Workplace(tmp_path, seed=81), random.Random(82)
    place.write(25_000)
    for _ in range(KILLS):
        with place.metered():
            time.sleep(rng.uniform(0, 1))  # the moment of the kill
    with place.metered() as metered:
        place.wait_until_exact(metered)
