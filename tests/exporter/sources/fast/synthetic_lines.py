"""Lines of synthetic sessions of all kinds, some of them with quirks."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"
Fields = dict[str, Any]
Lines = dict[str, list[bytes]]

AGENTS: tuple[Fields, ...] = (
    {}, {"agent_id": "a1", "agent_type": "Explore"}, {"agent_id": "a2"}, {"agent_type": "chef"},
)  # fmt: skip
ERRORS = ("Exit code 1", "File does not exist.", "The user doesn't want to proceed with this tool use.", "")


@dataclass(frozen=True, slots=True)
class SyntheticCall:
    """A generated call. Times are milliseconds after noon."""

    tool: str
    agent: int
    start_ms: int
    length_ms: int
    end: str
    error: str
    has_duration: bool


@dataclass(frozen=True, slots=True)
class SyntheticEvent:
    """A generated event; `call` is the number of the call that it refers to."""

    name: str
    at_ms: int
    agent: int
    call: int


ENDS = ("success", "success", "success", "failure", "interrupt", "interrupted", "none", "alone")

EVENTS = (
    "SessionStart", "SessionEnd", "UserPromptSubmit", "Stop", "SubagentStart", "SubagentStop", "PermissionRequest",
    "PermissionDenied", "PostToolBatch", "PreCompact", "Notification", "StopFailure", "killed", "PreSkillShellCommand",
)  # fmt: skip

CALLS = st.builds(
    SyntheticCall,
    st.sampled_from(("Bash", "Read", "Edit", "mcp__tracker__find", "Agent", "TaskStop")),
    st.sampled_from((0, 0, 0, 1, 2, 3)),
    st.integers(0, 60_000),
    st.integers(0, 3_000),
    st.sampled_from(ENDS),
    st.sampled_from(ERRORS),
    st.booleans(),
)

SYNTHETIC_EVENTS = st.builds(
    SyntheticEvent, st.sampled_from(EVENTS), st.integers(0, 65_000), st.integers(0, 2), st.integers(0, 5)
)

LAYOUTS = ("old", "payload")


def stamp(ms: int) -> str:
    return (NOON + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def old_lines(number: int, call: SyntheticCall) -> Iterator[tuple[int, str, Fields]]:
    same: Fields = {"tool": call.tool, "session_uuid": SESSION, "tool_use_id": f"toolu_{number}"}
    if call.end != "alone":
        start: Fields = {"timestamp": stamp(call.start_ms), "parameters": {"n": number}, "status": "starting", **same}
        yield call.start_ms, "pre_tool_use", start
    if call.end != "none":
        failed = call.end in {"failure", "interrupt"}
        end: Fields = {"has_error": failed, "error": call.error if failed and call.error else None, **same}
        end |= {"output_preview": call.error or "fine", "output_length": 4}
        if call.has_duration:
            end["duration_ms"] = call.length_ms
        if call.agent:
            end["agent"] = "Explore"
        yield (
            call.start_ms + call.length_ms,
            "post_tool_use",
            {"timestamp": stamp(call.start_ms + call.length_ms), **end},
        )


def payload_lines(number: int, call: SyntheticCall) -> Iterator[tuple[int, str, Fields]]:
    same: Fields = {
        "session_id": SESSION,
        "cwd": "/home/dev/shop",
        "tool_name": call.tool,
        "tool_use_id": f"toolu_{number}",
    }
    target = f"a{1 + number % 2}"  # the sub-agent that a call launches or stops
    same |= {"tool_input": {"task_id": target} if call.tool == "TaskStop" else {"n": number}, **AGENTS[call.agent]}
    if call.end != "alone":
        yield (
            call.start_ms,
            "pre_tool_use",
            {"logged_at": stamp(call.start_ms), "hook_event_name": "PreToolUse", **same},
        )
    if call.end != "none":
        end: Fields = {"logged_at": stamp(call.start_ms + call.length_ms), "hook_event_name": "PostToolUse", **same}
        if call.end in {"failure", "interrupt"}:
            end |= {"hook_event_name": "PostToolUseFailure", "error": call.error}
            end |= {"is_interrupt": True} if call.end == "interrupt" else {}
        else:
            end["tool_response"] = {"stdout": "x", "interrupted": call.end == "interrupted"}
            if call.tool == "Bash" and number % 4 == 1:
                end["tool_response"] |= {"backgroundTaskId": f"b{number}"}
            if call.tool == "Bash" and number % 3 == 1:
                end["tool_response"] |= {"gitOperation": {"commit": {"sha": "abc1234", "kind": "committed"}}}
            if call.tool == "Edit":
                path = ("a.py", "b.rs", "c")[number % 3]
                patch = [{"oldStart": 1, "lines": [" one", "-two", "+three", "+four"][: number % 5]}]
                end["tool_response"] |= {"filePath": path, "structuredPatch": patch}
            if call.tool == "Agent":
                end["tool_response"] |= {"status": ("async_launched", "completed")[number % 3 % 2], "agentId": target}
        if call.has_duration:
            end["duration_ms"] = call.length_ms
        yield call.start_ms + call.length_ms, "post_tool_use", end


def event_line(event: SyntheticEvent) -> tuple[int, str, Fields]:
    task = ("a1", "b1", "b5")[event.agent]
    killed = f"<task-notification><task-id>{task}</task-id><status>killed</status></task-notification>"
    name = "UserPromptSubmit" if event.name == "killed" else event.name
    line: Fields = {"logged_at": stamp(event.at_ms), "session_id": SESSION, "hook_event_name": name}
    line |= {"cwd": "/home/dev/shop", **(AGENTS[event.agent] if name.startswith(("Sub", "StopF")) else {})}
    details: dict[str, Fields] = {
        "SessionStart": {"source": ("startup", "resume", "clear")[event.agent]},
        "PermissionRequest": {"tool_name": "Bash", "tool_input": {"n": event.call}},
        "PermissionDenied": {"tool_name": "Bash", "tool_use_id": f"toolu_{event.call}", "reason": "no"},
        "PreCompact": {"trigger": "auto"},
        "killed": {"prompt": killed},
        "PreSkillShellCommand": {"tool_name": "Bash", "tool_use_id": f"toolu_{event.call}:preamble-0"},
        "PostToolBatch": {"tool_calls": [{"tool_name": "Bash", "tool_use_id": f"toolu_{event.call}"}]},
    }
    return event.at_ms, "events", line | details.get(event.name, {})


def written(layout: str, calls: list[SyntheticCall], events: list[SyntheticEvent]) -> list[tuple[str, Fields]]:
    """The lines with their files, in chronological order: that in which they would have been written."""
    lines_of = old_lines if layout == "old" else payload_lines
    timed = [line for number, call in enumerate(calls) for line in lines_of(number, call)]
    timed += [event_line(event) for event in events]
    return [(file, fields) for _, file, fields in sorted(timed, key=lambda line: line[0])]


Quirk = Callable[[random.Random, list[bytes]], None]


def changing(**changes: object) -> Quirk:
    """Changes the fields of one line; None removes a field."""

    def quirk(rng: random.Random, lines: list[bytes]) -> None:
        number = rng.randrange(len(lines))
        try:
            fields = json.loads(lines[number])
        except ValueError:
            return
        for name, value in changes.items():
            key = ("logged_at" if "logged_at" in fields else "timestamp") if name == "time" else name
            key = ("session_id" if "session_id" in fields else "session_uuid") if name == "session" else key
            fields[key] = value
        lines[number] = json.dumps({key: value for key, value in fields.items() if value is not None}).encode() + b"\n"

    return quirk


def editing(edit: Callable[[bytes], bytes]) -> Quirk:
    """Changes the bytes of one line."""

    def quirk(rng: random.Random, lines: list[bytes]) -> None:
        number = rng.randrange(len(lines))
        lines[number] = edit(lines[number])

    return quirk


def repeated(rng: random.Random, lines: list[bytes]) -> None:
    lines.append(rng.choice(lines))


def unordered(rng: random.Random, lines: list[bytes]) -> None:
    rng.shuffle(lines)


def joined_and_blank(rng: random.Random, lines: list[bytes]) -> None:
    number = rng.randrange(len(lines))
    lines[number] = lines[number].removesuffix(b"\n")
    lines.append(b"\n")


QUIRKS: dict[str, Quirk] = {
    "repeated": repeated,
    "unordered": unordered,
    "without a newline, and a blank one": joined_and_blank,
    "torn": editing(lambda line: line[: len(line) // 2] + b"\n"),
    "without a newline": editing(lambda line: line.removesuffix(b"\n")),
    "torn without a newline": editing(lambda line: line[: len(line) // 2]),
    "malformed": editing(lambda line: line + b"{nonsense\n"),
    "blank": editing(lambda line: b"\n  \n" + line),
    "with a byte order mark": editing(lambda line: b"\xef\xbb\xbf" + line),
    "with a Windows line end": editing(lambda line: line.replace(b"\n", b"\r\n")),
    "over two lines": editing(lambda line: line.replace(b", ", b",\n", 1)),
    "not UTF-8": editing(lambda line: line.replace(b"x", b"\xff").replace(b"fine", b"\xfe")),
    "with a lone surrogate": editing(lambda line: line.replace(b"fine", rb"\ud800").replace(b"Exit", rb"\ud800")),
    "with NaN": editing(lambda line: line.replace(b'"n": ', b'"n": NaN, "m": ')),
    "with an unknown field": changing(newer=1),
    "without a duration": changing(duration_ms=None),
    "with half a millisecond": changing(duration_ms=1.5),
    "with a duration below zero": changing(duration_ms=-5),
    "with a duration beyond all bounds": changing(duration_ms=10**13),
    "with a duration of more than a month": changing(duration_ms=31 * 86_400_000 + 1),
    "with an end after a year": changing(time="2027-11-22T12:00:07Z", duration_ms=None),
    "of another session": changing(session="another"),
    "of no session": changing(session=None),
    "without a time": changing(time=None),
    "with another kind of time": changing(time=1_795_348_800),
    "with nanoseconds": changing(time="2026-11-22T12:00:07.123456789Z"),
    "with a time in lower case": changing(time="2026-11-22t12:00:07z"),
    "with local time": changing(time="2026-11-22T12:00:07"),
    "with another UTC offset": changing(time="2026-11-22T14:00:07+02:00"),
    "with a clock set back": changing(time="2026-11-22T09:00:00Z"),
    "before the first valid time": changing(time="2019-12-31T23:59:59Z"),
    "before the epoch": changing(time="1960-01-01T00:00:00Z"),
    "after the last valid time": changing(time="9999-12-31T23:59:59Z"),
    "without an id": changing(tool_use_id=None),
    "with an empty id": changing(tool_use_id=""),
    "with a number for an id": changing(tool_use_id=7),
    "with a newline in its id": changing(tool_use_id="toolu\n1"),
    "with another call's id": changing(tool_use_id="toolu_0"),
    "of another agent": changing(agent_id="a9"),
    "of another project": changing(cwd="/home/dev/other"),
    "of no project": changing(cwd=None),
    "with the directory of its project": changing(project_dir="/home/dev/shop"),
    "outside of its project": changing(cwd="/tmp", project_dir="/home/dev/shop"),
    "in a worktree of its project": changing(cwd="/home/dev/shop/.claude/worktrees/feat"),
    "outside of a project that its transcript names": changing(cwd="/tmp", transcript_path="/p/-home-dev-shop/s.jsonl"),
    "in a project that its transcript names": changing(cwd="/tmp/x", transcript_path="/p/-tmp/s.jsonl"),
    "of another event": changing(hook_event_name="PreCompact"),
    "with the status of a denial": changing(status="blocked"),
    "with the status of a failure": changing(status="failed"),
    "with an alias of the response": changing(tool_response=None, toolResult={"interrupted": True}),
    "with a response that is text": changing(tool_response="text"),
    "with a text for a flag": changing(has_error="yes"),
    "with an error text of a success": changing(has_error=False, error="Exit code 1"),
    "with an error and no flag": changing(has_error=None, error="Exit code 1"),
    "with an error that is an object": changing(error={"code": 1}),
    "with a preview that is an object": changing(output_preview={"text": "x"}, error=None),
}


def with_quirks(lines: list[tuple[str, Fields]], quirks: Iterable[tuple[str, int]]) -> Lines:
    """The lines by file, some of them changed by quirks with these seeds."""
    files: Lines = {}
    for file, fields in lines:
        files.setdefault(file, []).append(json.dumps(fields).encode() + b"\n")
    for name, seed in quirks:
        if files:
            rng = random.Random(seed)
            QUIRKS[name](rng, files[rng.choice(sorted(files))])
    return files


QUIRKS_WITH_SEEDS = st.lists(st.tuples(st.sampled_from(sorted(QUIRKS)), st.integers(0, 1_000)), max_size=2)
