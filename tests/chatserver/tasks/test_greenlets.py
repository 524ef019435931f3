"""The pool where greenlets stand in for threads, as in production."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.chatserver.tasks.place import Place

PROGRAM = """
from gevent import monkey
monkey.patch_all()
import os, sys, time
import gevent
from pathlib import Path
from chatserver.storage.database import open_database
from chatserver.accounts.viewer import LOCAL_ADMIN
from tests.chatserver.people import BOB
from tests.chatserver.tasks.place import Place, ask, ended, lives, running
url, directory, claude = sys.argv[1:]
gaps = []

def tick():
    while True:
        begun = time.monotonic()
        gevent.sleep(0.001)
        gaps.append(time.monotonic() - begun)

with open_database(url) as database:
    place = Place(Path(directory), database, claude, {"PATH": os.environ["PATH"]})
    with place.closing:
        manager, pool = place.server()
        ticker = gevent.spawn(tick)
        tasks = [ask(manager, "touch it") for _ in range(4)]
        stopped = ask(manager, "orphan", "touch ready", "wait", user=BOB)
        while not (place.workspace / "ready").exists():
            time.sleep(0.01)
        manager.stop(stopped.task_id, LOCAL_ADMIN)
        late = ended(manager, ask(manager, "wait", timeout_seconds=1))
        print(*(ended(manager, task).status for task in (*tasks, stopped, late)))
        print(any(lives(call["pid"]) for call in place.calls()), lives(int((place.workspace / "orphan").read_text())))
        kept = ask(manager, "touch again", "wait")
        running(manager, kept)
        ticker.kill()
    print(manager.get(kept.task_id, LOCAL_ADMIN).status)
print(f"{max(gaps):.3f}", file=sys.stderr)
"""


def test_tasks_run_and_are_stopped_among_greenlets(place: Place, database_url: str) -> None:
    words = [sys.executable, "-c", PROGRAM, database_url, str(place.directory), place.claude]
    done = subprocess.run(words, cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "completed completed completed completed stopped failed", "False False", "failed",
    ]  # fmt: skip
