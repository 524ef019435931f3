#!/usr/bin/env python3
"""A Claude Code for tests: its prompt is a small script of words, one a line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say(**line: object) -> None:
    write(json.dumps(line))


def wait(name: str) -> None:
    while not Path(name).exists():
        time.sleep(0.01)


def leave_orphan(_: str) -> None:
    """A child in a session of its own, as tools have them."""
    child = subprocess.Popen(["sleep", "300"], start_new_session=True)
    Path("orphan").write_text(str(child.pid))


def leave_stranger(_: str) -> None:
    """A child that does not say whose it is, and holds the output open."""
    environment = {name: value for name, value in os.environ.items() if name != "TASK_ID"}
    child = subprocess.Popen(["sh", "-c", "sleep 300 & echo $! > stranger"], start_new_session=True, env=environment)
    child.wait()


def leave_member(_: str) -> None:
    """A child in the session of Claude Code that does not say whose it is, and whose parent has ended."""
    subprocess.run(["env", "-i", "sh", "-c", "sleep 300 >/dev/null & echo $! > member"], check=True)


WORDS: dict[str, Callable[[str], object]] = {
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "wait": wait,
    "touch": lambda name: Path(name).touch(),
    "stubborn": lambda _: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "orphan": leave_orphan,
    "stranger": leave_stranger,
    "member": leave_member,
    "raw": write,
    "complain": sys.stderr.write,
    "exit": lambda code: sys.exit(int(code)),
}
USAGE = {"claude-sonnet-4-5": {"inputTokens": 10, "outputTokens": 5, "costUSD": 0.25}}
ANSWER = {"id": "m1", "model": "claude-sonnet-4-5", "content": [{"type": "text", "text": "Hello."}]}


def main() -> None:
    prompt = sys.stdin.read()
    session = next(sys.argv[at + 1] for at, word in enumerate(sys.argv) if word in {"--session-id", "--resume"})
    call = {"argv": sys.argv[1:], "prompt": prompt, "env": dict(os.environ), "pid": os.getpid()}
    with Path("calls.jsonl").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    say(type="system", subtype="init", session_id=session)
    say(type="assistant", message=ANSWER, parent_tool_use_id=None, session_id=session)
    for line in prompt.splitlines():
        word, _, rest = line.partition(" ")
        WORDS.get(word, len)(rest)
    say(
        type="result", subtype="success", is_error=False, result="Done.", num_turns=2, total_cost_usd=0.25,
        modelUsage=USAGE, model_usage_since_last_result=USAGE, session_id=session,
    )  # fmt: skip


main()
