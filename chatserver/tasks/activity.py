"""What a running task has done so far: its calls with their outcomes, the files that it changed, and its cost."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from posixpath import join, normpath
from typing import Any

import msgspec

from chatserver.tasks.records import Activity, Step, Task
from chatserver.tasks.stream_events import CallEnded, CallStarted, UsageReported
from exporter.counting.messages import Price, cost_of_messages
from exporter.counting.spending import Spending
from exporter.counting.totals import Increments
from exporter.model.clock import now_us
from exporter.model.keys import key_of
from exporter.model.money import Amount
from exporter.model.records import FAST, US, ApiMessage, Outcome
from exporter.model.text import encodable, shortened
from exporter.sources.api_messages import usage_of
from exporter.sources.projects import in_project
from exporter.sources.transcript_lines import MessageUsage
from exporter.views.errors import untagged
from exporter.views.redaction import redact, redact_text
from exporter.views.subjects import subject

MAX_STEPS = 200  # of the latest calls; all of them are counted
MAX_CALLS = 100_000
MAX_CHARACTERS = 300
MAX_READ = 20 * MAX_CHARACTERS  # of each text; a file that is written is not redacted as a whole while a task runs
# The tools that change a file, and which of their parameters names it.
CHANGING = {"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}


class ActivityLog:
    """Collects the activity of one run. Several threads may call it."""

    def __init__(self, workspace: str, price: Price) -> None:
        self._workspace = workspace
        self._price = price
        self._lock = threading.Lock()  # guards the rest
        self._steps: dict[str, Step] = {}
        self._files: dict[str, int] = {}  # that calls change, by a hash: what steps show is shortened and redacted
        self._is_ending = False
        self._spending = Spending(Increments())

    def start_call(self, event: CallStarted) -> None:
        """Add a call."""
        changed = event.given.get(CHANGING.get(event.tool, ""))
        step = Step(
            tool=_shown(event.tool),
            about=_shown(subject(event.tool, redact(_starts(event.given)), self._workspace)),
            agent=_shown(event.agent),
            changes=_shown(in_project(_text(changed), self._workspace)),
        )
        with self._lock:
            if len(self._steps) < MAX_CALLS:
                self._steps[event.call_id] = step
                if step.changes:
                    path = normpath(join(self._workspace, _text(changed)))
                    self._files[event.call_id] = key_of(encodable(path).encode())

    def end_call(self, event: CallEnded) -> None:
        """Record how a call ended; a failure is an interruption once the run is being ended."""
        with self._lock:
            step = self._steps.get(event.call_id)
            if step is None:
                return
            failed = event.outcome in {Outcome.ERROR, Outcome.DENIED} and step.outcome is None
            outcome = Outcome.INTERRUPTED if self._is_ending and failed else event.outcome
            text = "" if outcome is Outcome.INTERRUPTED else event.text
            self._steps[event.call_id] = replace(step, outcome=outcome, error=_shown(untagged(text)) or step.error)

    def count_usage(self, event: UsageReported) -> None:
        """Count what an API message has used so far."""
        try:
            usage = msgspec.convert(event.usage, MessageUsage)
        except msgspec.ValidationError:
            return
        message = ApiMessage(
            key_of(encodable(event.message_id).encode()), now_us(), event.model, event.agent, "", "",
            usage_of(usage, usage.server_tool_use), usage.speed == FAST, usage.inference_geo == US,
        )  # fmt: skip
        with self._lock:
            self._spending.count_line(message, self._price, {})

    def interrupt(self) -> None:
        """Note that the server ends the run: its open calls end as interrupted."""
        with self._lock:
            self._is_ending = True

    @property
    def cost(self) -> Amount:
        """What the messages so far cost."""
        with self._lock:
            return cost_of_messages(self._spending.messages.values())

    def activity(self, *, is_over: bool = False) -> Activity:
        """The activity so far; once the run is over, no call is left open."""
        with self._lock:
            steps, left = tuple(self._steps.values()), Outcome.INTERRUPTED if self._is_ending else Outcome.UNKNOWN
            succeeded = (call_id for call_id, step in self._steps.items() if step.outcome is Outcome.SUCCESS)
            changed = {self._files[call_id] for call_id in succeeded if call_id in self._files}
        if is_over:
            steps = tuple(replace(step, outcome=left) if step.outcome is None else step for step in steps)
        outcomes = [step.outcome for step in steps]
        return Activity(
            len(steps), outcomes.count(Outcome.ERROR), outcomes.count(Outcome.DENIED),
            outcomes.count(Outcome.INTERRUPTED), len(changed), steps[-MAX_STEPS:],
        )  # fmt: skip


def activity_of_lost_run(task: Task, steps: Sequence[Step]) -> Activity:
    """What a run was last stored to have done, whose server is gone: the calls that it left open were interrupted."""
    ended = tuple(replace(step, outcome=step.outcome or Outcome.INTERRUPTED) for step in steps)
    left = sum(step.outcome is None for step in steps)
    interrupted = task.interrupted_calls + left
    return Activity(task.calls, task.failed_calls, task.denied_calls, interrupted, task.changed_files, ended)


def _starts(given: Mapping[str, Any]) -> dict[str, str]:
    """The starts of the parameters that are texts."""
    return {name: value[:MAX_READ] for name, value in given.items() if isinstance(value, str)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _shown(text: str) -> str:
    """The text on one line, redacted before it is cut."""
    return shortened(encodable(" ".join(redact_text(text.replace("\0", "\ufffd")[:MAX_READ]).split())), MAX_CHARACTERS)
