"""`hookmeter wait`: blocks until a session waits for a person."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from exporter.commands.place_options import Places, data_dir_option, places_options
from exporter.commands.value_types import Seconds
from exporter.model.waiting import Wait, WaitReason
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.waiting import TitledWaiting
from exporter.sources.watch import Watch
from exporter.terminal.messages import say_json, warn
from exporter.terminal.waiting_table import show_waits

POLL_SECONDS = 0.5  # a process reports its state in a file that is not watched
HOOK_SECONDS = 2.0  # within which a hook names the call for which a process has begun to wait, if hooks are installed
NO_SESSION_WAITS = 1


@click.command()
@click.option(
    "--timeout",
    type=Seconds(),
    metavar="SPAN",
    help="Give up after this time, such as 30s, 10m or 2h; 0 answers at once.  [default: never]",
)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    type=click.Choice([*map(str, WaitReason)]),
    help="Wait for these alone; may be repeated.  [default: all]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@places_options
@data_dir_option
def wait(timeout: float | None, reasons: tuple[str, ...], as_json: bool, places: Places, data_dir: Path) -> None:
    """Block until a session waits for a permission, for an answer, or (idle) for its next prompt, and print which do.

    Exit code 0: a session waits. 1: none did before the timeout.
    """
    live = LiveSessions(places.sessions_dirs[0], places.sessions_dirs[1:], transcript_roots=places.transcript_roots)
    waits = _wait(live, places, set(reasons or WaitReason), float("inf") if timeout is None else timeout)
    found = _shown(waits, live, data_dir, places) if waits else []
    for path, reason in live.unreadable.items():
        warn(f"{path} cannot be read ({reason}); its sessions are missing here")
    if as_json:
        say_json(found)
    elif found:
        show_waits(found, datetime.now(UTC))
    else:
        warn("no session is waiting for you")
    if not found:
        sys.exit(NO_SESSION_WAITS)


def _wait(live: LiveSessions, places: Places, reasons: Collection[str], seconds: float) -> list[Wait]:
    """The sessions that wait for one of these reasons, as soon as there is one; none if the time is over first."""
    until, named_by, changed = time.monotonic() + seconds, float("inf"), threading.Event()
    watch = Watch((*map(str, places.sessions_dirs), *places.transcript_roots), changed.set)
    watch.start()
    try:
        while True:
            changed.clear()
            watch.changed_directories()  # begins to watch roots that have appeared
            found, now = _waits(live, reasons), time.monotonic()
            named_by = min(named_by, now + HOOK_SECONDS) if found else float("inf")
            if now >= until or (found and (all(map(_names_its_call, found)) or now >= named_by)):
                return found
            changed.wait(min(POLL_SECONDS, until - now))
    finally:
        watch.stop()


def _waits(live: LiveSessions, reasons: Collection[str]) -> list[Wait]:
    """The sessions that wait for one of these reasons now."""
    _read(live)
    return [one for one in live.waits(live.sessions()) if one.reason in reasons]


def _names_its_call(wait: Wait) -> bool:
    return wait.tool != "" or wait.reason is WaitReason.IDLE


def _shown(waits: Sequence[Wait], live: LiveSessions, data_dir: Path, places: Places) -> list[TitledWaiting]:
    from exporter.snapshot.titled_waits import titled_waits  # noqa: PLC0415 - what reads the ledger is needed only now

    return titled_waits(waits, live, data_dir, places.transcript_roots)


def _read(live: LiveSessions) -> None:
    """Read all that is new."""
    live.refresh()
    while not live.complete:
        live.refresh()
