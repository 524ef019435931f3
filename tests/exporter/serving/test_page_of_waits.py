"""Waiting sessions on the metrics page, which is cached: a change of them renders it anew without a new log line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from exporter.serving.pages import TEXT, Pages
from tests.exporter.counting.test_waiting import NOON_US, asked, prompt, stopped
from tests.exporter.ingest.witnesses import Machine, hooked_call
from tests.support.claude_process import process_file, running_process
from tests.support.page import Samples, sample, samples_of

SINCE = "claude_sessions_waiting_since_timestamp_seconds"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.second = 30
    return machine


@pytest.fixture
def meter(machine: Machine) -> Iterator[Meter]:
    with machine.meter() as meter:
        yield meter


def page(pages: Pages) -> Samples:
    return samples_of(pages.page(TEXT).plain.decode())


def waiting(found: Samples, reason: str) -> tuple[float, float | None]:
    """How many sessions wait for a reason, and the second since which the first of them does."""
    since = found.get(sample(SINCE, reason=reason))
    return found[sample("claude_sessions_waiting", reason=reason)], since and since - NOON_US / 1e6


def test_a_permission_that_is_granted_leaves_the_page(machine: Machine, meter: Meter) -> None:
    machine.write(prompt(0), hooked_call(1, "a"), asked(1.1))
    pages = Pages(meter)
    with running_process() as process:
        path = process_file(machine.directory, process.pid, NOON_US + 2_000_000, "waiting", waitingFor="input needed")
        meter.catch_up()
        assert waiting(page(pages), "permission") == (1, 2)
        assert waiting(page(pages), "idle") == (0, None)
        path.write_text(path.read_text().replace("waiting", "busy"))
        meter.catch_up()
        assert waiting(page(pages), "permission") == (0, None)


def test_a_process_that_is_killed_leaves_the_page(machine: Machine, meter: Meter) -> None:
    machine.write(prompt(0), hooked_call(1, "a"), asked(1.1))
    pages = Pages(meter)
    with running_process() as process:
        process_file(machine.directory, process.pid, NOON_US + 2_000_000, "waiting")
        meter.catch_up()
        assert waiting(page(pages), "permission") == (1, 2)
    meter.catch_up()
    assert waiting(page(pages), "permission") == (0, None)


def test_a_turn_that_has_ended_appears_five_seconds_later_without_a_line(machine: Machine, meter: Meter) -> None:
    machine.write(prompt(0), stopped(29))
    pages = Pages(meter)
    meter.catch_up()
    assert waiting(page(pages), "idle") == (0, None)
    machine.second = 34
    meter.catch_up()
    assert waiting(page(pages), "idle") == (1, 29)
