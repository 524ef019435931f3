"""The messages of reports on costs: from the ledger and from what is not in it yet, each counted once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from functools import partial

import msgspec

from exporter.counting.messages import CountedMessage, as_message
from exporter.counting.not_itemized import all_not_itemized
from exporter.counting.project_names import Times
from exporter.ledger.spending_reader import SpendingReader
from exporter.model.api_health import ApiEvent
from exporter.model.track import Track
from exporter.prices.table import PriceTable
from exporter.reports.cost_records import CostRecords, Listed
from exporter.sources.known_files import by_directory, unread_files
from exporter.sources.transcript_files import of_sessions_since, project_directories, transcripts

PROCESS_BYTES = 8 << 20  # it takes longer to start another process than to read less


class Messages(msgspec.Struct):
    """The messages and API events of transcripts since a time, each once, and what is not itemized in them.

    `labels` has the label of each project by its path.
    """

    prices: PriceTable
    since_us: int = 0
    process_bytes: int = PROCESS_BYTES
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    _records: CostRecords = msgspec.field(default_factory=CostRecords)
    _ledger: SpendingReader | None = None
    _rereads: bool = False

    @property
    def unreadable(self) -> dict[str, str]:
        """The reason for each path that could not be read."""
        return self._records.unreadable

    def start_from(
        self, ledger: SpendingReader, sessions_elsewhere: Set[str] = frozenset(), *, rereads: bool = False
    ) -> None:
        """Start from what a ledger has, without some sessions.

        Files are read from where its exporter has stopped; from their start if that is requested, as it does not have
        API events.
        Messages keep the costs with which they were counted; those without one are priced now.
        """
        self._ledger, self._rereads = ledger, rereads
        messages, states = ledger.messages_since(self.since_us), ledger.cost_states_since(self.since_us)
        self._records.messages = {
            key: message if message.cost else self._priced(message)
            for key, message in messages.items()
            if message.origin.session not in sessions_elsewhere
        }
        self._records.cost_states = [state for state in states if state.session not in sessions_elsewhere]
        self._records.parents = ledger.all_parents()
        self.labels = ledger.labels()

    def read_projects(self, directories: Iterable[str], track: Track = iter, times: Times = ()) -> None:
        """Add the messages in the directories of projects; `times` are those of projects in other logs."""
        listed = [self._listed(directory) for directory in directories]
        if not self._ledger or times or any(one.unread for one in listed):
            from exporter.reports.cost_reading import CostReading  # noqa: PLC0415 - takes 40 ms, which are saved where the ledger has everything

            reading = CostReading(self._records, self.prices, self._ledger, self.process_bytes, is_anew=self._rereads)
            self.labels |= reading.read(listed, self.labels, times, track)

    def all(self) -> Iterator[CountedMessage]:
        """All messages since `since_us`, and what is not itemized since then, in the form of messages."""
        messages, states, parents = self._records.messages, self._records.cost_states, self._records.parents
        beyond = all_not_itemized(messages, states, parents, self.prices.cost)
        found = messages | {message.key: message for message in beyond}
        return (message for message in found.values() if message.time_us >= self.since_us)

    def api_events(self) -> Iterator[ApiEvent]:
        """All API events since `since_us`."""
        return (event for event in self._records.api_events.values() if event.time_us >= self.since_us)

    def _listed(self, directory: str) -> Listed:
        note = partial(self._records.note_unreadable, directory)
        files = list(transcripts(directory, note))
        recent = of_sessions_since(self.since_us, files, directory)
        if self._ledger is None or self._rereads:
            return Listed(directory, files, recent)
        files_of = by_directory(recent)
        known = self._ledger.known_files_of(files_of)
        unread = [file for parent, here in files_of.items() for file in unread_files(here, known[parent])]
        return Listed(directory, files, unread)

    def _priced(self, message: CountedMessage) -> CountedMessage:
        return msgspec.structs.replace(message, cost=self.prices.cost(as_message(message)))


def known_directories(roots: Iterable[str], ledger: SpendingReader | None) -> list[str]:
    """The project directories below the roots, and those that only hooks name, which the ledger has."""
    found = transcript_directories(roots)
    return [*found, *sorted(ledger.transcript_directories().difference(found))] if ledger else found


def transcript_directories(roots: Iterable[str]) -> list[str]:
    """The project directories below the roots, and the roots that cannot be listed, so that reading reports them."""
    found = []
    for root in roots:
        try:
            found += list(project_directories(root))
        except OSError:
            found.append(root)
    return found
