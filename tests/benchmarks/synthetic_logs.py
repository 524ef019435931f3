"""Synthetic sessions in the two formats of nearly every log; seeded, so that every run reads the same bytes."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

CALLS = 100
PROMPTS = 10
AGENT_EVERY = 30
SESSIONS_A_DAY = 200
CALLS_AFTER_EACH_OTHER = timedelta(seconds=3)
TOOLS = ("Bash", "Read", "Edit", "Grep", "Write", "WebFetch", "mcp__tracker__find")
ERRORS = ("Exit code 1\nmake: *** [test] Error 1", "File does not exist.", "ETIMEDOUT")
WORDS = ("self", "def", "return", "value", "import", "directory_0", "->", "==", "(", ")", "{", "find()")
TEXTS = 64

OLD_START = (
    '{"timestamp": "%s", "tool": "%s", "parameters": {"file_path": "/home/dev/shop/src/app.py", "content": %s},'
    ' "status": "starting", "task_id": null, "session_uuid": "%s", "tool_use_id": "%s"}\n'
)
OLD_END = (
    '{"timestamp": "%s", "tool": "%s", "output_length": 6308, "has_error": %s, "error": %s, "duration_ms": %d,'
    ' "session_uuid": "%s", "tool_use_id": "%s", "output_preview": %s}\n'
)
PAYLOAD = (
    '{"logged_at":"%s","project_dir":"/home/dev/shop","session_id":"%s",'
    '"transcript_path":"/home/dev/.claude/projects/-home-dev-shop/%s.jsonl","cwd":"/home/dev/shop/src",'
    '"permission_mode":"default",%s"hook_event_name":"%s"%s}\n'
)
CALL = ',"tool_name":"%s","tool_input":{"file_path":"/home/dev/shop/src/app.py","content":%s},"tool_use_id":"%s"'
AGENT = '"agent_id":"a3facecab6ad2a09a","agent_type":"builder",'

Layout = Callable[[random.Random, str, datetime, list[str], int], dict[str, str]]


def write_sessions(
    root: Path,
    layout: Layout,
    texts: list[str],
    sessions: int,
    calls: int = CALLS,
    *,
    sessions_a_day: int = SESSIONS_A_DAY,
) -> int:
    """Write so many sessions, the last of them of just now and the others of the days before; the lines written."""
    rng = random.Random(sessions)
    now, lines = datetime.now(UTC), 0
    for number in range(sessions):
        session = str(uuid.UUID(int=rng.getrandbits(128)))
        begin = now - timedelta(days=(sessions - number) / sessions_a_day) - calls * CALLS_AFTER_EACH_OTHER
        directory = root / session
        directory.mkdir(parents=True)
        for name, data in layout(rng, session, begin, texts, calls).items():
            (directory / f"{name}.jsonl").write_text(data)
            lines += data.count("\n")
    return lines


def texts(shortest: int, longest: int) -> list[str]:
    """Texts like programs and their output, as JSON strings, of lengths between the two."""
    rng = random.Random(longest)
    return [json.dumps(_text(rng, rng.randint(shortest, longest))) for _ in range(TEXTS)]


def older_recorder(rng: random.Random, session: str, begin: datetime, texts: list[str], calls: int) -> dict[str, str]:
    """A session of pre and post lines: about 1 kB each with `texts` of some 700 characters."""
    starts, ends = [], []
    for call, tool, started, ended, milliseconds, error in _calls(rng, begin, calls):
        starts.append(OLD_START % (_moment(started), tool, rng.choice(texts), session, call))
        failed = ("true", json.dumps(error)) if error else ("false", "null")
        ends.append(OLD_END % (_moment(ended), tool, *failed, milliseconds, session, call, rng.choice(texts)))
    return {"pre_tool_use": "".join(starts), "post_tool_use": "".join(ends)}


def recorder(rng: random.Random, session: str, begin: datetime, texts: list[str], calls: int) -> dict[str, str]:
    """A session of hook payloads with the recorder's stamp, from its start to its end: events, starts, ends."""
    line = partial(_payload, session)
    events = [line(begin - CALLS_AFTER_EACH_OTHER / 2, "SessionStart", ',"source":"startup"')]
    starts, ends = [], []
    every = max(1, calls // PROMPTS)
    for number, (call, tool, started, ended, milliseconds, error) in enumerate(_calls(rng, begin, calls)):
        agent = AGENT if number % AGENT_EVERY in range(2, 12) else ""
        if number % every == 0:
            events += _turn(line, started - CALLS_AFTER_EACH_OTHER / 4, first=number == 0)
        if number % AGENT_EVERY in {2, 12}:
            event = "SubagentStart" if number % AGENT_EVERY == 2 else "SubagentStop"
            events.append(line(started - CALLS_AFTER_EACH_OTHER / 4, event, "", AGENT))
        fields = CALL % (tool, rng.choice(texts), call)
        answer = f',"error":{json.dumps(error)}' if error else f',"tool_response":{{"stdout":{rng.choice(texts)}}}'
        starts.append(line(started, "PreToolUse", fields, agent))
        event = "PostToolUseFailure" if error else "PostToolUse"
        ends.append(line(ended, event, f'{fields}{answer},"duration_ms":{milliseconds}', agent))
    events.append(line(begin + (calls + 1) * CALLS_AFTER_EACH_OTHER, "SessionEnd", ',"reason":"other"'))
    return {"events": "".join(events), "pre_tool_use": "".join(starts), "post_tool_use": "".join(ends)}


def _calls(rng: random.Random, begin: datetime, calls: int) -> Iterator[tuple[str, str, datetime, datetime, int, str]]:
    """The id, tool, start, end, milliseconds and error of each call."""
    for number in range(calls):
        started = begin + number * CALLS_AFTER_EACH_OTHER
        milliseconds = int(rng.lognormvariate(4, 1.2)) % 2000
        ended = started + timedelta(milliseconds=milliseconds + 5)
        error = rng.choice(ERRORS) if rng.random() < 0.05 else ""
        yield f"toolu_{rng.getrandbits(96):024x}", rng.choice(TOOLS), started, ended, milliseconds, error


def _turn(line: Callable[..., str], at: datetime, *, first: bool) -> list[str]:
    prompt = line(at, "UserPromptSubmit", ',"prompt":"continue"')
    return [prompt] if first else [line(at - timedelta(milliseconds=5), "Stop", ',"stop_hook_active":false'), prompt]


def _payload(session: str, at: datetime, event: str, fields: str, agent: str = "") -> str:
    return PAYLOAD % (at.isoformat(timespec="microseconds"), session, session, agent, event, fields)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(rng: random.Random, length: int) -> str:
    lines: list[str] = []
    size = 0
    while size < length:
        line = f'{len(lines):6}→{" " * rng.randrange(0, 12, 4)}{" ".join(rng.choices(WORDS, k=8))} "{len(lines)}"'
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines)[:length]
