"""Stands in for Claude Code: it says what its prompt asks for, piece by piece, as the real one does.

python fake_claude.py FOLDER WORD…; told to hold, it writes a part and waits until the file `go` is in the folder.
It uses Bash then, or what stands after `tool=`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

MARKDOWN = """\
The test fails because `total()` rounds **each line**, not the sum. Two cents are lost on an order of three lines.

## What changed

1. `orders.py` sums first and rounds once
2. a test holds an order of three lines

```python
from decimal import Decimal

def total(lines: list[Line]) -> Decimal:
    # round once, at the end
    return sum((line.price * line.count for line in lines), Decimal(0)).quantize(Decimal("0.01"))
```

| order | before | after |
|-------|-------:|------:|
| 1001  |  10.02 | 10.00 |
| 1002  |   7.49 |  7.50 |

> The figures are those of `make report`.

More in [the manual](https://docs.python.org/3/library/decimal.html).
"""
ATTACK = """\
<script>alert("script")</script>

<img src=x onerror="alert('image')"> <b onclick=alert(1)>bold</b>

[link](javascript:alert(1)) [data](data:text/html,<script>alert(2)</script>) [file](file:///etc/passwd)
<javascript:alert(3)>

![picture](https://elsewhere.example/picture.png) ![picture](javascript:alert(4))

[good](https://example.org/?"onmouseover="alert(5)) [mail](mailto:ann@example.org)

```html"><img src=x onerror=alert(6)>
<script>alert("code")</script>
```
"""
PIECE = 24


def say(**line: Any) -> None:
    sys.stdout.write(json.dumps({"session_id": SESSION, **line}) + "\n")
    sys.stdout.flush()


def write(text: str) -> None:
    for start in range(0, len(text), PIECE):
        delta = {"type": "text_delta", "text": text[start : start + PIECE]}
        say(type="stream_event", event={"type": "content_block_delta", "index": 0, "delta": delta})


def use(tool: str, **given: Any) -> None:
    block = {"type": "tool_use", "id": "t1", "name": tool, "input": given}
    say(type="assistant", message={"id": "m1", "role": "assistant", "model": "none", "content": [block]})


def answer(prompt: str) -> str:
    if prompt.startswith("markdown"):
        return MARKDOWN
    return ATTACK if prompt.startswith("attack") else f"You said: {prompt}"


def hold(folder: Path, tool: str) -> None:
    statuses = ("completed", "completed", "in_progress", "pending", "pending")
    use("TodoWrite", todos=[{"content": "a step", "status": status} for status in statuses])
    use(tool, command="make test")
    while not (folder / "go").exists():
        time.sleep(0.02)


def main(folder: Path, prompt: str) -> None:
    say(type="system", subtype="init", model="none", tools=[])
    said = answer(prompt)
    say(type="stream_event", event={"type": "message_start", "message": {"id": "m1"}})
    write(said[: PIECE * 2])
    if "hold" in prompt:
        hold(folder, prompt.partition("tool=")[2] or "Bash")
    if prompt.startswith("fail"):
        sys.exit(prompt.removeprefix("fail "))
    write(said[PIECE * 2 :])
    usage = {"input_tokens": 2100, "output_tokens": 350}
    used = {"none": {"inputTokens": 2100, "outputTokens": 350, "costUSD": 0.0412}}
    content = [{"type": "text", "text": said}]
    say(
        type="assistant", message={"id": "m1", "role": "assistant", "model": "none", "content": content, "usage": usage}
    )
    say(type="result", subtype="success", is_error=False, result=said, num_turns=1, total_cost_usd=0.0412, usage=usage,
        modelUsage=used, duration_ms=1)  # fmt: skip


if __name__ == "__main__":
    WORDS = sys.argv[2:]
    SESSION = next((WORDS[WORDS.index(word) + 1] for word in ("--resume", "--session-id") if word in WORDS), "none")
    main(Path(sys.argv[1]), sys.stdin.read())
