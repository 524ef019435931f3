"""No inotify instance, or too few watches: directories are searched, and one line says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.workplace import Workplace
from tests.support.namespaces import with_limit


@pytest.mark.parametrize(("setting", "limit"), [("max_inotify_instances", 0), ("max_inotify_watches", 4)])
def test_totals_are_exact_where_directories_cannot_be_watched(tmp_path: Path, setting: str, limit: int) -> None:
    place = Workplace(tmp_path, seed=61)
    with place.metered(through=with_limit(setting, limit)) as metered:
        for _ in range(20):
            place.write(200)
            metered.page()
        place.wait_until_exact(metered)
    (line,) = place.log.read_text().splitlines()
    assert "directories are searched in every scrape instead" in line
