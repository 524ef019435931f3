"""Counting of residuals: each has the form of a message of the agent `not_itemized`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from exporter.counting.messages import CountedMessage, Origin, Price
from exporter.counting.processes import FOREVER_US, Lineage
from exporter.counting.residual import Residual, plain_name, residuals
from exporter.counting.residual_prices import priced, raised
from exporter.counting.usages import NO_USAGE, minus, smaller, total
from exporter.model.cost_states import CostState
from exporter.model.keys import key_of
from exporter.model.records import NOT_ITEMIZED, Usage
from exporter.sources.projects import UNKNOWN_PROJECT


class Growth(NamedTuple):
    """A residual as it is to be counted, and as it was counted before."""

    after: CountedMessage
    before: CountedMessage | None


def not_itemized(
    lineage: Lineage,
    session: str,
    messages: Mapping[int, CountedMessage],
    price: Price,
    settle_before_us: int = FOREVER_US,
) -> tuple[list[Growth], bool]:
    """What is to be counted of a session beyond its messages, which include what was counted so before.

    False if there is more, with a line that is not older than `settle_before_us`. What was counted is never taken back:
    only where the sum is larger than before, the difference is counted.
    """
    names = {_key(state, name): name for state in lineage.states[session] for name in map(plain_name, state.usage)}
    counted = {key: message for key, message in messages.items() if key in names}
    found = residuals(lineage, session, [message for key, message in messages.items() if key not in names])
    settled = [residual for residual in found if residual.last_us <= settle_before_us]
    growths: list[Growth] = []
    for name in sorted({residual.name for residual in settled}):
        before = {key: message for key, message in counted.items() if names[key] == name}
        growths += _growths([residual for residual in settled if residual.name == name], before, price)
    return growths, len(settled) == len(found)


def all_not_itemized(
    messages: Mapping[int, CountedMessage], states: Sequence[CostState], parents: Mapping[str, str], price: Price
) -> Iterator[CountedMessage]:
    """What is not itemized in messages, by the cost-states of any sessions."""
    by_start: dict[int, list[CostState]] = {}
    for state in states:
        by_start.setdefault(state.started_us, []).append(state)
    of_session: dict[str, dict[int, CountedMessage]] = {state.session: {} for state in states}
    for key, message in messages.items():
        if message.origin.session in of_session:
            of_session[message.origin.session][key] = message
    for related in by_start.values():
        lineage = Lineage.of(related, parents)
        for session in lineage.states:
            growths, _ = not_itemized(lineage, session, of_session[session], price)
            yield from (growth.after for growth in growths)


def _growths(found: Sequence[Residual], counted: Mapping[int, CountedMessage], price: Price) -> Iterator[Growth]:
    """The growth of the residuals of one model, the newest first."""
    room = minus(total(residual.usage for residual in found), total(message.usage for message in counted.values()))
    for residual in reversed(found):
        before = counted.get(_key(residual.state, residual.name))
        usage = before.usage if before else NO_USAGE
        added = smaller(room, minus(residual.usage, usage))
        if added != NO_USAGE:
            room = minus(room, added)
            yield Growth(_counted(residual, total((usage, added)), before, price), before)


def _key(state: CostState, name: str) -> int:
    return key_of(f"not itemized {state.key} {name}".encode("utf-8", "replace"))


def _counted(residual: Residual, usage: Usage, before: CountedMessage | None, price: Price) -> CountedMessage:
    if before:
        return raised(before, usage, price)
    state = residual.state
    origin = Origin(residual.model, NOT_ITEMIZED, state.project or UNKNOWN_PROJECT, state.session)
    key = _key(state, residual.name)
    return priced(CountedMessage(key, state.time_us, origin, usage, None), residual, price)
