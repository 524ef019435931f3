"""The demo's Claude Code: it writes the hook lines, transcript and output of a task, but asks no model.

Its arguments are the directories of hook logs and of transcripts, and after these the arguments of `claude -p`.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatserver.demo.prompts import DemoTask, demo_task
from chatserver.tasks.transcript_spending import spending_since
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import PROJECTS
from exporter.demo.sessions import SECOND_US, SyntheticCall, SyntheticSession
from exporter.model.clock import now_us
from exporter.model.money import dollars
from exporter.model.records import Outcome
from exporter.prices.table import load_prices

SESSION_OPTIONS = ("--session-id", "--resume")
STEPS = ("Read the code", "Make the change", "Run the tests", "Summarize")
MAX_CALL_SECONDS, PAUSE_SECONDS, DELTA_SECONDS = 2.5, 0.4, 0.04
DELTA_CHARACTERS = 12


def main(arguments: Sequence[str]) -> int:
    """Work on the prompt from standard input, and return the exit code."""
    sessions, transcripts, *options = arguments
    directories = DemoDirectories(Path(sessions), Path(transcripts))
    session_id = next(options[at + 1] for at, option in enumerate(options) if option in SESSION_OPTIONS)
    prompt = sys.stdin.read()
    return Run(directories, session_id, prompt).work(demo_task(prompt), is_new="--resume" not in options)


class Run:
    """One run: what it writes to the session's logs, and to standard output."""

    def __init__(self, directories: DemoDirectories, session_id: str, prompt: str) -> None:
        self._directories = directories
        self._prompt = prompt
        self._rng = random.Random(session_id)  # noqa: S311 - a sample, not a secret
        project = self._rng.choice(PROJECTS)
        self._session = SyntheticSession(directories, project, self._rng, session_id)
        self._started_us = now_us()
        self._done = -1  # of STEPS
        self._answers = 0  # of the API, whose blocks share an id

    def work(self, task: DemoTask, *, is_new: bool) -> int:
        """Work on a task, and return the exit code."""
        if is_new:
            # its prompt comes a second later
            self._session.start(self._started_us - 2 * SECOND_US, self._prompt)
        else:
            self._session.submit_prompt(self._started_us, self._prompt)
        self._emit(type="system", subtype="init", model=self._session.transcript.model, tools=[])
        for number in range(task.calls):
            self._answers += 1
            self._show_progress(number / task.calls)
            self._make_call(self._session.generate_call())
        self._session.end(now_us())
        if task.error:
            self._emit_result(task.error, is_error=True)
            return 1
        self._answers += 1
        self._answer(task.answer)
        return 0

    def _make_call(self, call: SyntheticCall) -> None:
        call_id = str(call.fields["tool_use_id"])
        tool, tool_input = call.fields["tool_name"], call.fields["tool_input"]
        self._emit_message({"type": "tool_use", "id": call_id, "name": tool, "input": tool_input})
        started_us = now_us()
        self._session.start_call(call, started_us)
        time.sleep(min(call.milliseconds / 1000, MAX_CALL_SECONDS))
        ended_us = now_us()
        self._session.finish_call(call, ended_us, (ended_us - started_us) // 1000)
        if call.outcome in {Outcome.DENIED, Outcome.UNKNOWN}:
            self._session.submit_prompt(now_us())  # so that the call does not stay open
        else:
            self._emit_call_result(call_id, call.error if call.outcome is not Outcome.SUCCESS else "")
        time.sleep(PAUSE_SECONDS)

    def _show_progress(self, share: float) -> None:
        done = int(share * len(STEPS))
        if done == self._done:
            return
        self._done = done
        states = ["completed"] * done + ["in_progress"] + ["pending"] * (len(STEPS) - done - 1)
        todos = [{"content": step, "status": state} for step, state in zip(STEPS, states, strict=True)]
        call_id = f"toolu_todos_{self._started_us}_{done}"
        self._emit_message({"type": "tool_use", "id": call_id, "name": "TodoWrite", "input": {"todos": todos}})
        self._emit_call_result(call_id)

    def _answer(self, text: str) -> None:
        for start in range(0, len(text), DELTA_CHARACTERS):
            delta = {"type": "text_delta", "text": text[start : start + DELTA_CHARACTERS]}
            self._emit(type="stream_event", event={"type": "content_block_delta", "index": 0, "delta": delta})
            time.sleep(DELTA_SECONDS)
        self._emit_message({"type": "text", "text": text})
        self._emit_result(text, is_error=False)

    def _emit_call_result(self, call_id: str, error: str = "") -> None:
        result = {"type": "tool_result", "tool_use_id": call_id, "content": error or "ok", "is_error": bool(error)}
        self._emit(type="user", message={"role": "user", "content": [result]}, parent_tool_use_id=None)

    def _emit_message(self, block: dict[str, object]) -> None:
        model, answer = self._session.transcript.model, f"msg_{self._answers}"
        message = {"id": answer, "role": "assistant", "model": model, "content": [block]}
        self._emit(type="assistant", message=message, parent_tool_use_id=None)

    def _emit_result(self, text: str, *, is_error: bool) -> None:
        roots = [str(self._directories.transcripts)]
        spent = spending_since(self._session.session_id, self._started_us, roots, load_prices(None, None))
        usage = {"inputTokens": spent.tokens, "costUSD": dollars(spent.cost_picodollars)}
        used = {self._session.transcript.model: usage}
        result = {"is_error": is_error, "result": text, "num_turns": self._answers, "modelUsage": used}
        self._emit(type="result", subtype="success", **result, model_usage_since_last_result=used)

    def _emit(self, **line: Any) -> None:
        sys.stdout.write(json.dumps({"session_id": self._session.session_id, **line}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
