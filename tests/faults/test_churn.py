"""Ten minutes of rotation, rewrites and kills: every line counts once."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.workplace import Workplace
from tests.support.page import Key

MINUTES = float(os.environ.get("HOOKMETER_TEST_CHURN_MINUTES", "10"))
MAX_RUN_SECONDS = 15.0


def test_totals_are_exact_after_minutes_of_rotation_rewrites_and_kills(tmp_path: Path) -> None:
    place, rng = Workplace(tmp_path, seed=21), random.Random(22)
    ends = time.monotonic() + 60 * MINUTES
    kills = 0
    while time.monotonic() < ends:
        with place.metered() as metered:
            until = time.monotonic() + rng.choice((0.0, rng.uniform(0, 1), rng.uniform(0, MAX_RUN_SECONDS)))
            while time.monotonic() < until:
                place.write(rng.randrange(60))
                change_a_file(place, rng)
                if rng.random() < 0.1:
                    metered.page()
        kills += 1
    with place.metered() as metered:
        place.wait_until_exact(metered, is_about_reading)
    assert kills > 4 * MINUTES


def is_about_reading(sample: Key) -> bool:
    """Whether it counts lines that were read again: whoever copies and truncates a log leaves no trace in between."""
    name, labels = sample
    return name == "hookmeter_bytes_read_total" or ("result", "duplicate") in labels


def change_a_file(place: Workplace, rng: random.Random) -> None:
    """Rotate or rewrite a log, or rewrite a transcript; no line is lost."""
    calls = [path for path in place.agents.directory.glob("*/p*_tool_use.jsonl") if path not in place.agents.torn]
    changes: list[tuple[Callable[[Path], None], list[Path]]] = [
        (rotate, calls),
        (copy_and_truncate, calls),
        (rewrite, [*place.agents.directory.glob("*/*.jsonl")]),
        (rewrite, [path for path in place.model.files if path.exists()]),
    ]
    change, paths = rng.choice(changes)
    if paths:
        change(rng.choice(paths))


def rotate(path: Path) -> None:
    """Give the file, and those that were rotated before, the next number."""
    older = sorted(path.parent.glob(f"{path.name}.*"), key=lambda each: int(each.suffix[1:]), reverse=True)
    for each in older:
        each.rename(each.with_suffix(f".{int(each.suffix[1:]) + 1}"))
    path.rename(f"{path}.1")


def copy_and_truncate(path: Path) -> None:
    """Rotate as programs do that keep the file open."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    older = sorted(path.parent.glob(f"{path.name}.*"), key=lambda each: int(each.suffix[1:]), reverse=True)
    for each in older:
        each.rename(each.with_suffix(f".{int(each.suffix[1:]) + 1}"))
    copy.rename(f"{path}.1")
    os.truncate(path, 0)


def rewrite(path: Path) -> None:
    """Replace the file by a copy, as editors and synchronization do."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)
