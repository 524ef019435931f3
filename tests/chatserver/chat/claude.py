"""A small program that stands in for Claude Code: it says what it was told, and what it remembers."""

from __future__ import annotations

import sys
from pathlib import Path

PROGRAM = """#!{python}
import json, os, sys, time
words = sys.argv[1:]
def option(name):
    return words[words.index(name) + 1] if name in words else None
def say(**line):
    print(json.dumps(line), flush=True)
session = option("--resume") or option("--session-id")
prompt = sys.stdin.read()
memory = os.path.join({folder!r}, session + ".memory")
before = open(memory).read().splitlines() if option("--resume") else []
with open(memory, "a") as file:
    file.write(json.dumps(prompt) + "\\n")
say(type="system", subtype="init", session_id=session, model="none", tools=[])
def write(text):
    delta = {{"type": "text_delta", "text": text}}
    say(type="stream_event", session_id=session, event={{"type": "content_block_delta", "index": 0, "delta": delta}})
said = f"You said {{prompt}} after {{len(before)}} more."
say(type="stream_event", session_id=session, event={{"type": "message_start", "message": {{"id": "m1"}}}})
write(said[:5])
while "wait" in prompt and not os.path.exists(os.path.join({folder!r}, "go")):
    time.sleep(0.02)
if "fail" in prompt:
    sys.exit("It failed.")
write(said[5:])
usage = {{"input_tokens": 1, "output_tokens": 1}}
content = [{{"type": "text", "text": said}}]
message = {{"id": "m1", "role": "assistant", "model": "none", "content": content, "usage": usage}}
say(type="assistant", session_id=session, message=message)
about = {{"num_turns": 1, "total_cost_usd": 0.0, "usage": usage, "modelUsage": {{}}, "duration_ms": 1}}
say(type="result", subtype="success", is_error=False, result=said, session_id=session, **about)
"""


def fake_claude(folder: Path) -> str:
    """Its path."""
    program = folder / "claude"
    program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
    program.chmod(0o755)
    return str(program)
