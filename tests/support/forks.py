"""Sessions that begin with a copy of another's message, as several versions of Claude Code write them, for tests."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support.transcript_lines import NOON, SLUG, assistant_line, usage, write

DAY = 24 * 3600.0
COPIED = 1  # the number of the message that all forks copy
PARENT, RESUMED, FORK, MARKED, BRANCH = "f-parent", "b-resumed", "c-fork", "a-marked", "d-branch"


def _own_line(session: str, second: float) -> str:
    line = {"type": "queue-operation", "operation": "enqueue", "sessionId": session}
    return json.dumps(line | {"timestamp": (NOON + timedelta(seconds=second)).isoformat()}) + "\n"


def _copy(session: str, **fields: Any) -> str:
    return assistant_line(COPIED, usage(output=100), sessionId=session, **fields)


def transcripts() -> dict[str, list[str]]:
    """The lines of a session and its forks: one that was resumed by 1.0, others by 2.1.332 and one of its branches.

    Each fork has a message of its own, a day later. The usage in the copies may be less than in the original.
    """
    forked_from = {"sessionId": PARENT, "messageUuid": "u"}
    contents = {
        PARENT: [_own_line(PARENT, -1), _copy(PARENT)],
        RESUMED: [_copy(RESUMED, second=DAY)],
        FORK: [_own_line(FORK, DAY), _copy(FORK)],
        MARKED: [_own_line(MARKED, DAY), _copy(MARKED, requestSessionId=PARENT)],
        BRANCH: [_copy(BRANCH, requestSessionId=PARENT, forkedFrom=forked_from)],
    }
    for number, (session, lines) in enumerate(contents.items()):
        lines.append(assistant_line(10 + number, usage(output=number), sessionId=session, second=DAY + number))
    return contents


def write_as(projects: Path, names: dict[str, str], slug: str = SLUG) -> None:
    """Write the transcripts of some sessions under these names."""
    contents = transcripts()
    for session, name in names.items():
        write(projects / slug / f"{name}.jsonl", *contents[session])
