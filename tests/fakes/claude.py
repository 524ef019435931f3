"""A Claude Code for tests: it answers with its prompt, and the prompt tells it how to behave.

A line of the prompt whose first word is one of BEHAVIOURS is carried out halfway through the answer; a prompt whose
first word is one of ANSWERS gets that answer. Files are those of the working directory.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

CALLS = "calls.jsonl"  # a line for each call
MODEL = "claude-sonnet-5"
COST_USD, INPUT_TOKENS, OUTPUT_TOKENS, TURNS = 0.0412, 2100, 350, 1
TOKENS = INPUT_TOKENS + OUTPUT_TOKENS
RESETS_AT = 4_102_444_800  # of every quota
DELTA_CHARACTERS = 24
MAX_WAIT_SECONDS = 600  # none outlives its test for long


def install(directory: Path) -> str:
    """Make it the program `claude` of a directory; its path."""
    program = directory / "claude"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-IS", __file__])} "$@"\n')
    program.chmod(0o755)
    return str(program)


def main() -> None:
    prompt = sys.stdin.read()
    note_call(prompt)
    answer = answer_to(prompt)
    emit(type="system", subtype="init", model=MODEL, tools=[])
    emit_message({"type": "thinking", "thinking": "What to do?"})
    emit_deltas(answer[: 2 * DELTA_CHARACTERS])
    for line in prompt.splitlines():
        word, _, rest = line.partition(" ")
        BEHAVIOURS.get(word, str)(rest)
    emit_deltas(answer[2 * DELTA_CHARACTERS :])
    emit_message({"type": "text", "text": answer})
    emit_result(answer)
    for line in prompt.splitlines():
        if line.startswith("linger "):
            wait(line.removeprefix("linger "))


def session_id() -> str:
    return next(sys.argv[at + 1] for at, word in enumerate(sys.argv) if word in {"--session-id", "--resume"})


def note_call(prompt: str) -> None:
    call = {"argv": sys.argv[1:], "session": session_id(), "prompt": prompt, "env": dict(os.environ)}
    with Path(CALLS).open("a") as calls:
        calls.write(json.dumps({**call, "pid": os.getpid()}) + "\n")


def answer_to(prompt: str) -> str:
    word = prompt.partition(" ")[0]
    return ANSWERS[word]() if word in ANSWERS else f"You said: {prompt}"


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def emit(**line: Any) -> None:
    print_line(json.dumps({"session_id": session_id(), **line}))


def emit_message(*content: Mapping[str, object]) -> None:
    message = {"id": "msg_1", "role": "assistant", "model": MODEL, "content": content}
    emit(type="assistant", message=message, parent_tool_use_id=None)


def emit_tool(name: str, **given: object) -> None:
    emit_message({"type": "tool_use", "id": "toolu_1", "name": name, "input": given})


def emit_deltas(text: str) -> None:
    for start in range(0, len(text), DELTA_CHARACTERS):
        delta = {"type": "text_delta", "text": text[start : start + DELTA_CHARACTERS]}
        emit(type="stream_event", event={"type": "content_block_delta", "index": 0, "delta": delta})


def emit_result(text: str) -> None:
    used = {MODEL: {"inputTokens": INPUT_TOKENS, "outputTokens": OUTPUT_TOKENS, "costUSD": COST_USD}}
    result = {"is_error": False, "result": text, "num_turns": TURNS, "total_cost_usd": COST_USD}
    emit(type="result", subtype="success", **result, modelUsage=used, model_usage_since_last_result=used)


def report_quotas(given: str) -> None:
    """Report the windows of a subscription, given as `five_hour=0.42 seven_day=0.13`."""
    shares = dict(word.split("=") for word in given.split())
    windows = {name: {"utilization": float(share), "resetsAt": RESETS_AT} for name, share in shares.items()}
    emit(type="rate_limit_event", rate_limit_info={"status": "allowed", "unifiedWindows": windows})


def wait(file: str) -> None:
    """Go on when a file is there."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not Path(file or "go").exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def hold(rest: str) -> None:
    """Show a list of steps and a tool at work, and go on when the file `go` is there."""
    statuses = ("completed", "completed", "in_progress", "pending", "pending")
    emit_tool("TodoWrite", todos=[{"content": "a step", "status": status} for status in statuses])
    emit_tool(rest.partition("tool=")[2] or "Bash", command="make test")
    wait("go")


def work(_: str) -> None:
    """Make calls that end in each way, of which the last one goes on."""
    usage = {"input_tokens": 12_000, "output_tokens": 3_000}
    calls = [
        ("Read", "README.md"),
        ("Edit", "src/basket.py"),
        ("Bash", "make test"),
        ("Write", "/etc/motd"),
        ("Bash", "make"),
    ]
    for number, (tool, about) in enumerate(calls):
        given = {"command": about} if tool == "Bash" else {"file_path": about}
        call = {"type": "tool_use", "id": f"call_{number}", "name": tool, "input": given}
        emit(type="assistant", message={"id": f"m{number}", "model": MODEL, "content": [call], "usage": usage})
    errors = {
        2: "Exit code 2",
        3: "Claude requested permissions to write to /etc/motd, but you haven't granted it yet.",
    }
    for number in range(4):
        call_id, text = f"call_{number}", errors.get(number, "Done")
        found = {"type": "tool_result", "tool_use_id": call_id, "is_error": number in errors, "content": text}
        decision = {"decision": "reject" if number == 3 else "accept"}
        meta = [{"id": call_id, "permission_decision": decision}]
        emit(type="user", message={"role": "user", "content": [found]}, tool_result_meta=meta)


def leave_orphan(_: str) -> None:
    """Leave a child in a session of its own, as those of tools are."""
    child = subprocess.Popen(["sleep", "300"], start_new_session=True)
    Path("orphan").write_text(str(child.pid))


def leave_stranger(_: str) -> None:
    """Leave an orphan without the task's mark, in a session of its own, that holds the output open."""
    subprocess.run(["env", "-i", "setsid", "sh", "-c", "sleep 300 & echo $! > stranger"], check=True)


def leave_member(_: str) -> None:
    """Leave a child without the task's mark in Claude Code's own session; its parent has ended."""
    subprocess.run(["env", "-i", "sh", "-c", "sleep 300 >/dev/null & echo $! > member"], check=True)


def ignore_signals(_: str) -> None:
    """Go on whatever it is asked to do, until it is killed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def recall() -> str:
    """The prompts of this session so far."""
    calls = map(json.loads, Path(CALLS).read_text().splitlines())
    return ", ".join(call["prompt"] for call in calls if call["session"] == session_id())


BEHAVIOURS: Mapping[str, Callable[[str], object]] = {
    "wait": wait,
    "hold": hold,
    "work": work,
    "touch": lambda file: Path(file).touch(),
    "raw": print_line,
    "quotas": report_quotas,
    "orphan": leave_orphan,
    "stranger": leave_stranger,
    "member": leave_member,
    "ignore-signals": ignore_signals,
    "complain": sys.stderr.write,
    "fail": lambda reason: sys.exit(reason or "It failed."),
    "exit": lambda code: sys.exit(int(code)),
}
ANSWERS: Mapping[str, Callable[[], str]] = {
    "markdown": Path(__file__).with_name("markdown.md").read_text,
    "attack": Path(__file__).with_name("attack.md").read_text,
    "recall": recall,
}


if __name__ == "__main__":
    main()
