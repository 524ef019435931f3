"""The processes of a session and what each of them spent, from the cost-states that they wrote.

A cost-state is cumulative: it continues that of an earlier process, and a fork continues its parent's. It is not always
the last one before it, as processes that resume a session in parallel do not know of each other. But from one process
to the one that continues it, no number falls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import ge
from typing import NamedTuple

from msgspec.structs import astuple

from exporter.counting.usages import NO_USAGE, minus
from exporter.model.cost_states import CostState
from exporter.model.records import Usage

FOREVER_US = 1 << 62


class Process(NamedTuple):
    """What a process used and what Claude Code says that it cost, by model, up to its cost-state.

    It did not start before `start_us`.
    """

    start_us: int
    state: CostState
    usage: dict[str, Usage]
    costs: dict[str, int]


class Lineage(NamedTuple):
    """The cost-states of a session and its forks, by session and in the order of their lines.

    `parents` has the parent of each fork, empty if it is unknown.
    """

    states: Mapping[str, Sequence[CostState]]
    parents: Mapping[str, str]

    @classmethod
    def of(cls, states: Iterable[CostState], parents: Mapping[str, str]) -> Lineage:
        """The lineage of cost-states that have the same start; repeated ones are left out."""
        by_session: dict[str, list[CostState]] = {}
        for state in {state.key: state for state in states}.values():
            by_session.setdefault(state.session, []).append(state)
        return cls(by_session, parents)

    def processes(self, session: str, first_us: int) -> list[Process]:
        """The processes that wrote the cost-states of a session, whose first own message is of `first_us`.

        While a fork runs in parallel, its parent may write the same totals again: the fork continues the first of them.
        """
        own = self.states[session]
        inherited = self._inherited(session, min(first_us, own[0].time_us))
        is_cut = session in self.parents and not _is_of_first_process(own[0])
        found = []
        for number, state in enumerate(own):
            earlier = reversed([*inherited, *own[:number]])
            base = next((other for other in earlier if _continues(state, other)), None)
            if base in inherited:
                base = next(other for other in inherited if other.usage == base.usage)
            found.append(_process(state, base, is_cut=is_cut))
        return found

    def _inherited(self, session: str, before_us: int) -> list[CostState]:
        """The cost-states that a session may have started from, that of the closest ancestor last."""
        if session not in self.parents and _is_of_first_process(self.states[session][0]):
            return []
        if self.parents.get(session):
            found = [state for ancestor in self._ancestors(session) for state in self.states.get(ancestor, ())]
        else:
            others = (states for name, states in self.states.items() if name != session)
            found = sorted((state for states in others for state in states), key=lambda state: state.duration_us)
        return [state for state in found if state.time_us <= before_us]

    def _ancestors(self, session: str) -> list[str]:
        """The sessions that a fork stems from, oldest first."""
        found = [session]
        while (parent := self.parents.get(found[0], "")) and parent not in found:
            found.insert(0, parent)
        return found[:-1]


def _is_of_first_process(state: CostState) -> bool:
    """Whether no other process, and no pause, can lie between the start of the session and the cost-state."""
    return state.started_us + state.duration_us >= state.time_us


def _process(state: CostState, base: CostState | None, *, is_cut: bool) -> Process:
    """The process between two cost-states; with `is_cut`, a missing one is not the start of all counts, but unknown."""
    if base is None:
        usage, costs = ({}, {}) if is_cut else (state.usage, state.costs)
        return Process(state.time_us - state.duration_us, state, usage, costs)
    start_us = max(base.time_us, state.time_us - (state.duration_us - base.duration_us))
    used = {model: minus(usage, base.usage.get(model, NO_USAGE)) for model, usage in state.usage.items()}
    costs = {model: cost - base.costs.get(model, 0) for model, cost in state.costs.items()}
    return Process(start_us, state, used, costs)


def _continues(state: CostState, base: CostState) -> bool:
    """Whether no number falls from `base` to `state`."""
    numbers = (
        (astuple(state.usage.get(model, NO_USAGE)), astuple(usage)) for model, usage in base.usage.items()
    )  # fmt: skip
    return (
        state.duration_us >= base.duration_us
        and all(map(ge, state.others, base.others))
        and all(all(map(ge, *pair)) for pair in numbers)
    )
