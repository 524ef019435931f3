"""The ends of calls in the output of Claude Code, by the rules by which the calls of all sessions are counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatserver.tasks.json_values import mapping, sequence, string
from chatserver.tasks.stream_events import CallEnded
from exporter.model.records import Outcome
from exporter.sources.background import LAUNCHED, OUTCOMES, launched_by_text

REJECTED = "reject"
# What Claude Code writes for a person's refusal, of whom a task has none: it ended its sub-agent, or itself.
ABORTED_CALL = "User rejected tool use"


class CallEnds:
    """Finds the ends of calls; that of a command that continues in the background is the notification of its end."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}  # of the running calls of sub-agents, the calls that launched these
        self._in_background: set[str] = set()
        self._launching: set[str] = set()  # the calls whose sub-agents continue in the background

    @property
    def have_launched(self) -> bool:
        """Whether calls have launched something in the background whose end was not reported."""
        return bool(self._in_background or self._launching)

    def add_call(self, call_id: str, parent: object) -> None:
        """Add a call, and by which call its sub-agent was launched, if it is a sub-agent's."""
        if isinstance(parent, str):
            self._parents[call_id] = parent

    def of_results(self, blocks: object, metadata: object, returned: object) -> Iterator[CallEnded]:
        """The calls that end with the results in a message; `returned` is what its one tool returned."""
        known = (mapping(one) for one in sequence(metadata))
        decisions = {string(one.get("id")): mapping(one.get("permission_decision")).get("decision") for one in known}
        for block in map(mapping, sequence(blocks)):
            call_id = string(block.get("tool_use_id"))
            if block.get("type") != "tool_result" or not call_id:
                continue
            self._parents.pop(call_id, None)
            if block.get("is_error") is True:
                refused = decisions.get(call_id) == REJECTED
                yield CallEnded(call_id, _failure(returned, refused=refused), _text_of(block))
            elif _continues_in_background(block, returned):
                self._in_background.add(call_id)
            else:
                if mapping(returned).get("status") == LAUNCHED:
                    self._launching.add(call_id)
                interrupted = mapping(returned).get("interrupted") is True
                yield CallEnded(call_id, Outcome.INTERRUPTED if interrupted else Outcome.SUCCESS)

    def of_notification(self, call_id: str, status: str, summary: str) -> Iterator[CallEnded]:
        """The call whose command in the background has ended, or those of a sub-agent that was stopped."""
        outcome = OUTCOMES.get(status)
        if outcome:
            self._launching.discard(call_id)
        if outcome and call_id in self._in_background:
            self._in_background.remove(call_id)
            yield CallEnded(call_id, outcome, summary if outcome is Outcome.ERROR else "")
        elif outcome is Outcome.INTERRUPTED:
            for stopped in [one for one, parent in self._parents.items() if parent == call_id]:
                del self._parents[stopped]
                yield CallEnded(stopped, Outcome.INTERRUPTED)


def _failure(returned: object, *, refused: bool) -> Outcome:
    if returned == ABORTED_CALL:
        return Outcome.INTERRUPTED
    return Outcome.DENIED if refused else Outcome.ERROR


def _continues_in_background(block: Mapping[str, Any], returned: object) -> bool:
    """Whether the command of a call continues in the background; results of sub-agents' calls are texts alone."""
    return bool(mapping(returned).get("backgroundTaskId") or launched_by_text(_text_of(block)))


def _text_of(block: Mapping[str, Any]) -> str:
    content = block.get("content")
    if isinstance(content, str):
        return string(content)
    return "\n".join(string(mapping(part).get("text")) for part in sequence(content))
