"""Sessions that a reader lists, some of them odd."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.hooks_reader import HooksReader
from exporter.views.sessions import SessionSummary
from tests.support.synthetic_logs import HOUR_US, append, call, event, iso


def listed(*roots: Path) -> dict[str, SessionSummary]:
    return {session["session_uuid"]: session for session in HooksReader(roots[0], roots[1:]).get_all_sessions()}


def odd_sessions(root: Path, other: Path, now: int) -> Iterator[Path]:
    """Write two roots with all kinds of irregular logs."""
    write_history(DemoDirectories(root, root.with_name("projects")), now)
    write_history(DemoDirectories(other, other.with_name("projects")), now, seed=2)
    rng = random.Random(7)
    for session in sorted(root.iterdir())[:9]:
        shutil.copytree(session, other / session.name)
    for number in range(12):
        name = f"odd {number}"
        started = now - rng.randrange(30) * HOUR_US
        home = rng.choice([root, other])
        for _ in range(rng.randrange(1, 6)):
            call(home, name, started, took_ms=rng.choice([None, 5, 500]), tool=rng.choice("ABC"))
        if number % 3 == 0:
            event(home, name, rng.choice(["Stop", "SessionEnd", "UserPromptSubmit"]), started + HOUR_US // 2)
        append(home / name / "pre_tool_use.jsonl", "nonsense", {"timestamp": iso(now), "tool": "Bash"}, '{"tool":"X"}')
        append(home / name / "post_tool_use.jsonl", {"timestamp": iso(now), "tool": "Bash", "success": True})
    event(root, "odd 0", "PreToolUse", now, directory="elsewhere", tool_name="Edit", tool_use_id="e1")
    append(root / "pre_tool_use.jsonl", {"timestamp": iso(now), "tool": "Bash"})
    yield from (root, other)
