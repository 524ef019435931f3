"""The sample that newcomers look at first: sessions of three months, those that wait, a live one, and quotas."""

from __future__ import annotations

import json
import os
import random
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.demo.directories import DemoDirectories
from exporter.demo.sessions import SECOND_US, SyntheticSession
from exporter.model.clock import now_us
from exporter.model.records import Outcome
from exporter.sources.quotas import FILE_NAME
from exporter.terminal.messages import say

MINUTE_US = 60 * SECOND_US
HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US
SESSIONS = 40
# Sessions of the past, and of the day before: how many, days ago at least and at most, and the most calls of one.
PAST = ((200, 2, 89, 150), (34, 1.1, 1.9, 80))
QUIET_US = 120 * SECOND_US  # between the end of the history and now
MAX_LIVE_CALL_SECONDS = 8.0
CURRENCY = {"question": "Which currency should invoices default to?", "header": "Currency"}
# The sessions that wait: project, minutes, and the tool and the input of the call that waits, if one does.
WAITING: tuple[tuple[str, int, str, dict[str, object]], ...] = (
    ("web-shop", 4, "Bash", {"command": "git push --force-with-lease origin checkout-redesign"}),
    ("billing-api", 11, "AskUserQuestion", {"questions": [CURRENCY]}),
    ("docs", 19, "", {}),
)
PROJECTS = ("web-shop", "billing-api", "data-pipeline", "docs")
QUOTAS = (("five_hour", 42, 3.2), ("seven_day", 13, 90))  # window, used percentage, hours to the reset


@contextmanager
def demo_directories() -> Iterator[DemoDirectories]:
    """A sample in a temporary directory, one session of which stays live until the context ends."""
    with tempfile.TemporaryDirectory(prefix="hookmeter-demo-") as root:
        directories, stopping = DemoDirectories.under(Path(root)), threading.Event()
        write_past(directories, now_us())
        write_history(directories, now_us())
        write_waiting_sessions(directories, now_us())
        writer = threading.Thread(target=write_live_session, args=(directories, stopping), daemon=True)
        writer.start()
        try:
            say("This is a demo: synthetic sessions in a temporary directory.")
            yield directories
        finally:
            stopping.set()
            writer.join()


def write_past(directories: DemoDirectories, now_us: int, seed: int = 2) -> None:
    """Write finished sessions of three months up to the day before, in files of that age."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    for sessions, least_days, most_days, max_calls in PAST:
        for _ in range(sessions):
            start_us = now_us - round(rng.uniform(least_days, most_days) * DAY_US)
            session = SyntheticSession(directories, rng.choice(PROJECTS), rng)
            end_us = _write_session(session, start_us, start_us + 8 * HOUR_US, max_calls)
            for path in session.files():
                os.utime(path, (end_us / 1e6, end_us / 1e6))


def write_history(directories: DemoDirectories, now_us: int, seed: int = 1) -> None:
    """Write a day of finished sessions, up to two minutes ago, and quotas."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    _write_quotas(directories.sessions, now_us / 1e6)
    for _ in range(SESSIONS):
        start_us = now_us - round(rng.uniform(0.1, 22) * HOUR_US)
        _write_session(SyntheticSession(directories, rng.choice(PROJECTS), rng), start_us, now_us - QUIET_US)


def write_waiting_sessions(directories: DemoDirectories, now_us: int, seed: int = 2) -> None:
    """Write sessions that wait for a person: for a permission, for an answer, and for the next prompt."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    for project, minutes, tool, tool_input in WAITING:
        session = SyntheticSession(directories, project, rng)
        at_us = now_us - minutes * MINUTE_US
        session.start(at_us - MINUTE_US)
        session.transcript.write_response(at_us - SECOND_US, "", "")
        session.ask(tool, tool_input, at_us) if tool else session.end_turn(at_us)


def _write_session(session: SyntheticSession, start_us: int, end_us: int, max_calls: int = 80) -> int:
    """Write a session that ends at some time before `end_us`, and return when."""
    session.start(start_us)
    at_us = start_us + 2 * SECOND_US
    for _ in range(session.rng.randrange(5, max_calls)):
        call = session.generate_call()
        ended_us = at_us + 1000 * call.milliseconds
        if ended_us > end_us:
            break
        session.start_call(call, at_us)
        session.finish_call(call, ended_us, call.milliseconds)
        at_us = ended_us + round(session.rng.expovariate(1 / 6) * SECOND_US)
    session.end(min(at_us, end_us))
    return min(at_us, end_us)


def write_live_session(directories: DemoDirectories, stopping: threading.Event) -> None:
    """Write one session in real time, one call after the other, until `stopping` is set."""
    rng = random.Random()  # noqa: S311 - a sample, not a secret
    session = SyntheticSession(directories, PROJECTS[0], rng)
    session.start(now_us() - SECOND_US)
    while not stopping.is_set():
        call = session.generate_call()
        started_us = now_us()
        session.start_call(call, started_us)
        stopping.wait(min(call.milliseconds / 1000, MAX_LIVE_CALL_SECONDS))
        ended_us = now_us()
        session.finish_call(call, ended_us, (ended_us - started_us) // 1000)
        if call.outcome in {Outcome.DENIED, Outcome.UNKNOWN}:
            session.submit_prompt(now_us())  # so that the call does not stay open
        stopping.wait(rng.expovariate(1 / 1.5))


def _write_quotas(directory: Path, now: float) -> None:
    windows = {
        window: {"used_percentage": used, "resets_at": now + hours * 3600, "seen_at": now}
        for window, used, hours in QUOTAS
    }
    directory.mkdir(parents=True, exist_ok=True)
    (directory / FILE_NAME).write_text(json.dumps({"windows": windows}))
