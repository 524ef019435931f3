"""The exporter while its ledger is deleted, replaced or damaged."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.error import HTTPError

import pytest

from exporter.counting.catalog import PROMPTS
from exporter.ledger.database_file import damage
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.reading import read_ledger
from tests.e2e.processes import wait_for
from tests.exporter.serving.served import Served, serving
from tests.support.synthetic_logs import SECOND_US, event, now_us

CREATED = "hookmeter_ledger_created_timestamp_seconds"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as served:
        served.service.wait_until_ready(10)
        yield served


def prompt(served: Served, session: str) -> None:
    event(served.logs, session, "UserPromptSubmit", now_us())


def prompts(served: Served) -> float | None:
    """The number of prompts on the page; None while there is no page."""
    with suppress(HTTPError):
        return served.value("claude_prompts_total")
    return None


def wait_for_prompts(served: Served, number: int) -> None:
    wait_for(lambda: prompts(served) == number, f"{number} prompts on the page")
    with read_ledger(served.data) as ledger:
        assert ledger
        assert ledger.state.totals.counters[PROMPTS.name, ()] == number


@pytest.mark.parametrize("lost", [FILE_NAME, f"{FILE_NAME}-wal", "ledger.lock", "."])
def test_a_ledger_that_is_deleted_is_written_again_with_all_that_was_counted(
    served: Served, lost: str, caplog: pytest.LogCaptureFixture
) -> None:
    prompt(served, "first")
    wait_for_prompts(served, 1)
    created = served.value(CREATED)
    shutil.rmtree(served.logs / "first")
    (shutil.rmtree if lost == "." else Path.unlink)(served.data / lost)
    wait_for(lambda: "was deleted while it was in use" in caplog.text, "the loss to be reported")
    prompt(served, "second")
    wait_for_prompts(served, 2)
    assert served.value(CREATED) == created
    assert caplog.text.count("was deleted") == 1
    assert (served.data / "ledger.lock").exists()


def test_a_ledger_that_another_one_replaces_is_continued(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serving(tmp_path / "one") as other:
        other.service.wait_until_ready(10)
        prompt(other, "s")
        wait_for_prompts(other, 1)
    with serving(tmp_path / "two") as served:
        served.service.wait_until_ready(10)
        event(served.logs, "t", "PreCompact", now_us(), trigger="auto")
        wait_for(lambda: served.value("claude_compactions_total") == 1, "the compaction to be counted")
        (tmp_path / "one" / "data" / FILE_NAME).rename(served.data / FILE_NAME)
        wait_for(lambda: "was replaced while it was in use" in caplog.text, "the change to be reported")
        wait_for_prompts(served, 1)
        assert served.value("claude_compactions_total") == 1


def test_an_index_that_does_not_agree_with_its_table_is_found_after_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path) as served:
        served.service.wait_until_ready(10)
        prompt(served, "first")
        event(served.logs, "first", "UserPromptSubmit", now_us() + SECOND_US)
        wait_for_prompts(served, 2)
    with closing(sqlite3.connect(served.data / FILE_NAME)) as other:
        other.execute("PRAGMA writable_schema = ON")
        other.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'last_us', 'first_us') WHERE name = 'sessions_by_last'"
        )
        other.commit()
    assert damage(served.data / FILE_NAME) is None
    with serving(tmp_path) as served:
        wait_for(lambda: "is corrupt" in caplog.text, "the damage to be reported")
        wait_for_prompts(served, 2)
        assert len(list(served.data.glob("*.corrupt-*"))) == 1


def test_damage_that_shows_while_the_ledger_is_used_is_set_aside_and_everything_is_counted_again(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    prompt(served, "first")
    wait_for_prompts(served, 1)
    with closing(sqlite3.connect(served.data / FILE_NAME)) as other:
        other.execute("UPDATE sessions SET tallies = '{\"bit'")
        other.commit()
    prompt(served, "first")
    wait_for(lambda: "is corrupt" in caplog.text, "the damage to be reported")
    wait_for_prompts(served, 2)
    assert len(list(served.data.glob("*.corrupt-*"))) == 1
