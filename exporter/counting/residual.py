"""The spending that no message itemizes: what the cost-states of a session report beyond the messages they cover.

Claude Code writes no line for some of its requests: compaction, WebSearch and WebFetch, titles, prompt and agent hooks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from exporter.counting.messages import CountedMessage
from exporter.counting.processes import FOREVER_US, Lineage, Process
from exporter.counting.usages import NO_USAGE, minus, total
from exporter.model.cost_states import CostState
from exporter.model.records import MAIN_AGENT, NOT_ITEMIZED, Usage
from exporter.prices.names import spellings


class Residual(NamedTuple):
    """What is not itemized of a model's usage, as of a cost-state; it depends on no line after `last_us`.

    `model` is what messages call the model that is compared by `name`; `cost` is what Claude Code says that the usage
    cost.
    """

    state: CostState
    name: str
    model: str
    usage: Usage
    cost: int
    last_us: int


class _Span(NamedTuple):
    """The time of processes that overlap; nothing says which of them a message is of."""

    start_us: int
    end_us: int
    processes: tuple[Process, ...]

    def joined(self, other: _Span) -> _Span:
        """The span of the processes of both; `other` starts later."""
        return _Span(self.start_us, max(self.end_us, other.end_us), self.processes + other.processes)


def residuals(lineage: Lineage, session: str, messages: Iterable[CountedMessage]) -> list[Residual]:
    """What is not itemized of the usage of a session, without that of its parents, in chronological order.

    A process that was killed has no cost-state. So its messages are not part of the usage of any other.
    """
    own = sorted((message for message in messages if not message.copied), key=lambda message: message.time_us)
    spans = _spans(lineage.processes(session, own[0].time_us if own else FOREVER_US))
    names = {plain_name(message.origin.model): message.origin.model for message in reversed(own)}
    covered = _covered(spans, own)
    return list(chain.from_iterable(_left(span, covered[number], names) for number, span in enumerate(spans)))


@lru_cache(maxsize=1024)
def plain_name(model: str) -> str:
    """The name by which the usage of a model is compared: what was requested may differ from what a message names."""
    return spellings(model)[-1]


def _spans(processes: Sequence[Process]) -> list[_Span]:
    """The spans of the processes, which do not overlap each other."""
    found: list[_Span] = []
    for process in sorted(processes, key=lambda process: (process.start_us, process.state.time_us)):
        span = _Span(process.start_us, process.state.time_us, (process,))
        if found and span.start_us < found[-1].end_us:
            found[-1] = found[-1].joined(span)
        else:
            found.append(span)
    return found


def _covered(spans: Sequence[_Span], messages: Sequence[CountedMessage]) -> dict[int, list[CountedMessage]]:
    """The messages whose usage is in that of a span, by its number.

    A sub-agent that runs until its process ends is later than any line of the main transcript.
    """
    found: dict[int, list[CountedMessage]] = defaultdict(list)
    ends, main_us = [span.end_us for span in spans], 0
    for message in messages:
        number, agent = bisect_left(ends, message.time_us), message.origin.agent
        if number < len(spans) and spans[number].start_us <= message.time_us:
            found[number].append(message)
        elif number and main_us <= ends[number - 1] and agent not in {MAIN_AGENT, NOT_ITEMIZED}:
            found[number - 1].append(message)
        if agent == MAIN_AGENT:
            main_us = message.time_us
    return found


def _left(span: _Span, messages: Sequence[CountedMessage], names: dict[str, str]) -> Iterator[Residual]:
    """What a span used beyond its messages, by model."""
    used = _by_name((model, usage) for process in span.processes for model, usage in process.usage.items())
    itemized = _by_name((message.origin.model, message.usage) for message in messages)
    costs = _costs(span, messages)
    newest = max((process.state for process in span.processes), key=lambda state: state.time_us)
    last_us = max([span.end_us, *(message.time_us for message in messages)])
    searches = sum(usage.web_searches for usage in itemized.values())  # the model of a search may be another than named
    for name, usage in sorted(used.items()):
        itemized_searches = min(searches, usage.web_searches)
        searches -= itemized_searches
        left = minus(usage, replace(itemized.get(name, NO_USAGE), web_searches=itemized_searches))
        if left != NO_USAGE:
            model = names.get(name) or min(model for model in newest.usage if plain_name(model) == name)
            yield Residual(newest, name, model, left, costs[name], last_us)


def _costs(span: _Span, messages: Sequence[CountedMessage]) -> Counter[str]:
    """What Claude Code says that a span cost beyond its messages, by name of the model."""
    found: Counter[str] = Counter()
    for process in span.processes:
        for model, cost in process.costs.items():
            found[plain_name(model)] += cost
    for message in messages:
        found[plain_name(message.origin.model)] -= message.cost.total if message.cost else 0
    return found


def _by_name(usages: Iterable[tuple[str, Usage]]) -> dict[str, Usage]:
    found: dict[str, list[Usage]] = defaultdict(list)
    for model, usage in usages:
        found[plain_name(model)].append(usage)
    return {name: total(of_model) for name, of_model in found.items()}
