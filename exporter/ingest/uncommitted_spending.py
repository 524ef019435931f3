"""The spending in a ledger together with messages that its exporter has not read yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from msgspec.structs import replace

from exporter.counting.messages import SLOT_US, CountedMessage, Origin
from exporter.ingest.batch_filler import BatchFiller
from exporter.ingest.changed_sessions import UsedBySession, shown_titles, sum_of, usage_by_session
from exporter.ledger.reader import LedgerReader
from exporter.model.contexts import Context
from exporter.model.money import Amount
from exporter.model.records import MAIN_AGENT
from exporter.prices.table import PriceTable
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.positions import Position
from exporter.sources.transcript_files import of_sessions_since
from exporter.sources.transcripts import TranscriptRead

Key = TypeVar("Key")


class UncommittedSpending(BatchFiller):
    """A batch on the ledger of another process that is never committed: the ledger is only read.

    Sessions without a write since a time are not read. The batch is what a ledger of this `revision` lacks.
    """

    def __init__(self, ledger: LedgerReader, clock: Callable[[], int], since_us: int) -> None:
        super().__init__(ledger, clock)
        self._known: dict[tuple[str, str], KnownFile] = {}
        self._since_us = since_us
        self.revision = ledger.revision()

    @cached_property
    def _slots(self) -> Counter[int]:
        self.ledger.load_spent(self._since_us // SLOT_US)
        return self.ledger.state.spent

    @cached_property
    def _by_names(self) -> Counter[tuple[int, str, str]]:
        return self.ledger.spent_by_model_and_project(self._since_us // SLOT_US)

    @cached_property
    def _unpriced(self) -> Counter[tuple[int, str, str]]:
        return self.ledger.unpriced_by_model_and_project(self._since_us // SLOT_US)

    @cached_property
    def _by_session(self) -> dict[str, Amount]:
        return self.ledger.costs_of_sessions(self._since_us)

    def is_of_this_revision(self) -> bool:
        """Whether nothing was committed to the ledger since the batch was begun."""
        return self.ledger.revision() == self.revision

    def load(self) -> None:
        """Load what the ledger has, before more of it is read from files."""
        self.slots(), self.by_names(), self.unpriced(), self.by_session({})

    def slots(self) -> Counter[int]:
        """Picodollars by quarter of an hour."""
        return _sums(self._slots, self.batch.spending.spent, lambda slot, _origin: slot)

    def by_names(self) -> Counter[tuple[int, str, str]]:
        """Picodollars by quarter of an hour, model and project."""
        return _sums(self._by_names, self.batch.spending.spent, _names)

    def unpriced(self) -> Counter[tuple[int, str, str]]:
        """Tokens without a known price by quarter of an hour, model and project."""
        return _sums(self._unpriced, self.batch.spending.unpriced, _names)

    def used(self) -> UsedBySession:
        """All that the sessions used that have something in this batch."""
        return usage_by_session(self.ledger, {by: replace(usage) for by, usage in self.batch.spending.used.items()})

    def unread_titles(self) -> dict[str, str]:
        """The title of each session that has one in this batch."""
        return shown_titles(self.ledger, self.batch.titles)

    def by_session(self, used: UsedBySession) -> dict[str, Amount]:
        """What each session with messages cost that has something since then; `used` is what is changed of it."""
        changed = {session_id: sum_of(of_session.values()) for session_id, of_session in used.items()}
        found = {session_id: cost for session_id, cost in self._by_session.items() if session_id not in changed}
        return found | {session_id: usage.amount for session_id, usage in changed.items() if usage.messages > 0}

    def contexts(self, session_ids: Iterable[str]) -> dict[str, Context]:
        """The contexts of some sessions."""
        wanted = set(session_ids)
        found = self.ledger.contexts(wanted)
        for message in self.batch.spending.messages.values():
            origin = message.origin
            if origin.session in wanted and origin.agent == MAIN_AGENT:
                context = Context(message.usage.prompt, origin.model, message.time_us)
                found[origin.session] = max(found.get(origin.session, context), context, key=attrgetter("time_us"))
        return found

    def titles(self, session_ids: Collection[str]) -> dict[str, str]:
        """The titles of some sessions, or else their first prompts, as far as they are known here."""
        listed = {session_id: row.title for session_id, row in self.ledger.listed_rows(session_ids).items()}
        unread = {key: title for key, title in self.batch.titles.items() if key[0] in session_ids}
        return listed | shown_titles(self.ledger, unread)

    def tokens(self, since_us: int, until_us: int) -> int:
        """All tokens of the messages in a range of time."""
        new = self.batch.spending.messages
        found = self.ledger.tokens(since_us, until_us, without=new)
        for message in new.values():
            found += message.usage.tokens if since_us <= message.time_us < until_us else 0
        return found

    def messages_of(self, session_id: str) -> dict[int, CountedMessage]:
        """All messages of a session, by key."""
        messages = self.ledger.session_messages(session_id) | self.batch.spending.messages
        return {key: message for key, message in messages.items() if message.origin.session == session_id}

    def wanted(self, files: list[LogFile], directory: str) -> list[LogFile]:
        """Those of sessions with something since then; all of others are too old for any figure."""
        return of_sessions_since(self._since_us, files, directory)

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The files with content that neither the ledger nor this batch has."""
        found = super().unread(directory, files)
        known = {file: self._known.get((file.directory, file.name)) for file in found}
        return {
            file: here.position if (here := known[file]) else position
            for file, position in found.items()
            if not ((here := known[file]) and here.file == file)
        }

    def count_transcript(self, file: LogFile, read: TranscriptRead, prices: PriceTable) -> None:
        """Count the messages only."""
        keys = {message.key for message in read.messages}
        self.batch.count_messages(file, read, prices, self.ledger.counted_messages(keys))

    def commit_if_full(self) -> Iterator[int]:
        """Remember the offsets of files instead of committing anything."""
        for known in self.batch.read_files:
            self._known[known.file.directory, known.file.name] = known
        self.batch.read_files.clear()
        self.batch.new_files.clear()
        yield self.batch.bytes_read

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


def _names(slot: int, origin: Origin) -> tuple[int, str, str]:
    return slot, origin.model, origin.project


def _sums(
    in_ledger: Counter[Key], in_batch: Counter[tuple[int, Origin]], key_of: Callable[[int, Origin], Key]
) -> Counter[Key]:
    """What the ledger has plus what the batch has."""
    found = in_ledger.copy()
    for (slot, origin), number in in_batch.items():
        found[key_of(slot, origin)] += number
    return +found  # without what has moved to another key
