"""What the ledger holds in memory: the state as of its last committed transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from exporter.counting.batch import Batch
from exporter.counting.catalog import METRICS
from exporter.counting.project_names import KnownProject
from exporter.counting.rules import Exemplar
from exporter.counting.session_count import SessionCount
from exporter.counting.totals import Distribution, Key, Totals
from exporter.ledger.price_lists import PricesSince
from exporter.model.bounds import MAX_INTEGER
from exporter.model.sessions import Session
from exporter.model.text import path_text
from exporter.model.waiting import AskedCall
from exporter.prices.table import PriceList
from exporter.sources.asked_calls import asked_call

LabelValue = tuple[str, str]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction writes: a batch, and the values that totals have after it."""

    batch: Batch
    counters: dict[Key, int]
    distributions: dict[Key, Distribution]
    label_values: set[LabelValue]
    transcript_directories: set[str]
    prices: PriceList | None


@dataclass(slots=True)
class LedgerState:
    """Totals since the ledger was created, and recent sessions, spending and open calls.

    `all_is_read` once everything that was on disk at first has been counted. `past_is_unread` after an upgrade from a
    version that learned less from transcripts, `hours_are_unread` after one from a version that kept no hours of calls.
    `projects` are all that were ever seen, by path. `open_tools` counts the running calls of each session by tool,
    `asked_calls` has the one of each that has waited for a person longest, `running_agents` counts the running
    sub-agents of each by type. `spent` is in picodollars by slot of 15 minutes. `changes` grows with every transaction;
    `write_errors` counts the failed ones since the start of the process.
    """

    totals: Totals
    created_seconds: int
    past_is_unread: bool
    all_is_read: bool
    hours_are_unread: bool
    size_bytes: int
    files: int
    open_tools: dict[str, Counter[str]]
    asked_calls: dict[str, AskedCall]
    running_agents: dict[str, Counter[str]]
    projects: dict[str, KnownProject]
    price_lists: list[PricesSince]
    transcript_directories: set[str]
    exemplars: dict[tuple[str, int], Exemplar] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    spent: Counter[int] = field(default_factory=Counter)
    changes: int = 0
    write_errors: int = 0

    @property
    def price_digest(self) -> str:
        """The digest of the prices by which costs were counted last; empty if none were."""
        return self.price_lists[-1].prices.digest if self.price_lists else ""

    def change_by(self, batch: Batch) -> Change:
        """The change that a batch makes, to be written and then applied."""
        totals, increments = self.totals, self.totals.bounded(batch.counted.increments)
        counters = {
            key: min(totals.counters.get(key, 0) + added, MAX_INTEGER)
            for key, added in increments.counters.items()
            if added
        }
        distributions = {
            key: _sum(totals.distributions.get(key), added) for key, added in increments.distributions.items()
        }
        return Change(
            batch,
            counters,
            distributions,
            {pair for pair in _label_values(counters) if self._is_admitted(pair)},
            set(map(path_text, batch.project_directories)) - self.transcript_directories,
            batch.prices if batch.prices and batch.prices.digest != self.price_digest else None,
        )

    def apply(self, change: Change, since_us: int) -> None:
        """Take over a committed change; sessions that were last active before `since_us` are not kept."""
        batch = change.batch
        self.changes += 1
        self.past_is_unread &= not batch.past_is_read
        self.all_is_read |= batch.all_is_read
        self.totals.counters.update(change.counters)
        self.totals.distributions.update(change.distributions)
        self.projects |= batch.projects
        self.transcript_directories |= change.transcript_directories
        self.files += len(batch.new_files & batch.read_names)
        for (tool, bucket), exemplar in batch.counted.exemplars.items():
            self.exemplars[self.totals.bounded_value("tool", tool), bucket] = exemplar
        for (slot, _), cost in batch.spending.spent.items():
            self.spent[slot] += cost
        for count in batch.sessions.values():
            self._apply_session(count, since_us)

    def forget_spent(self, before_slot: int) -> None:
        """Drop slots that are too old for any budget."""
        for slot in [slot for slot in self.spent if slot < before_slot]:
            del self.spent[slot]

    def forget_sessions(self, before_us: int) -> None:
        """Drop sessions that were last active before the window."""
        self.sessions = {key: session for key, session in self.sessions.items() if session.last_us >= before_us}

    def _apply_session(self, count: SessionCount, since_us: int) -> None:
        session_id = count.session.session_id
        if count.session.last_us >= since_us:
            self.sessions[session_id] = count.session
        _set(self.open_tools, session_id, Counter(call.tool for call in count.pairing.running))
        asked = asked_call(count.pairing.running)
        _set(self.asked_calls, session_id, replace(asked, input=b"") if asked else None)
        _set(self.running_agents, session_id, Counter(run.agent for run in count.pairing.runs.running))

    def _is_admitted(self, pair: LabelValue) -> bool:
        label, value = pair
        return value in self.totals.label_values.get(label, ())


def _set(running: dict[str, Found], session_id: str, found: Found | None) -> None:
    """Set what runs in a session; sessions in which nothing runs are left out."""
    if found:
        running[session_id] = found
    else:
        running.pop(session_id, None)


def _label_values(counters: Iterable[Key]) -> Iterator[LabelValue]:
    """The values of unbounded labels, `other` included."""
    for name, labels in counters:
        unbounded = METRICS[name].unbounded
        yield from (pair for pair in zip(METRICS[name].labels, labels, strict=True) if pair[0] in unbounded)


def _sum(before: Distribution | None, added: Distribution) -> Distribution:
    total = Distribution(list(added.counts), added.sum)
    if before is not None:
        total.merge(before)
    total.sum = min(total.sum, MAX_INTEGER)
    return total
