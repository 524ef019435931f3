"""The spending in a ledger together with messages that its exporter has not read yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from exporter.counting.messages import SLOT_US, CountedMessage, Origin
from exporter.counting.spending import TOKENS_OF
from exporter.ingest.batch_filler import BatchFiller
from exporter.ingest.changed_sessions import shown_titles
from exporter.ledger.reader import LedgerReader
from exporter.model.contexts import Context
from exporter.model.records import MAIN_AGENT
from exporter.prices.table import PriceTable
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.positions import Position
from exporter.sources.transcripts import TranscriptRead

Key = TypeVar("Key")


class UncommittedSpending(BatchFiller):
    """A batch on the ledger of another process that is never committed: the ledger is only read.

    Files without a write since a time are not read. The batch is what a ledger of this `revision` lacks.
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
    def _by_session(self) -> Counter[str]:
        return self.ledger.spent_by_session(self._since_us // SLOT_US)

    def is_of_this_revision(self) -> bool:
        """Whether nothing was committed to the ledger since the batch was begun."""
        return self.ledger.revision() == self.revision

    def load(self) -> None:
        """Load what the ledger has, before more of it is read from files."""
        self.slots(), self.by_names(), self.by_session()

    def slots(self) -> Counter[int]:
        """Picodollars by quarter of an hour."""
        return self._with_batch(self._slots, lambda slot, _origin: slot)

    def by_names(self) -> Counter[tuple[int, str, str]]:
        """Picodollars by quarter of an hour, model and project."""
        return self._with_batch(self._by_names, lambda slot, origin: (slot, origin.model, origin.project))

    def by_session(self) -> dict[str, int | None]:
        """Picodollars by session that has messages; None if none of these has a price."""
        used = self.batch.spending.used.items()
        unpriced = {by.session for by, usage in used if usage.messages > usage.priced}
        unpriced.update(self.ledger.unpriced_sessions(self._since_us))
        return dict.fromkeys(unpriced) | self._with_batch(self._by_session, lambda _slot, origin: origin.session)

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
            found += sum(TOKENS_OF(message.usage)) if since_us <= message.time_us < until_us else 0
        return found

    def messages_of(self, session_id: str) -> dict[int, CountedMessage]:
        """All messages of a session, by key."""
        messages = self.ledger.session_messages(session_id) | self.batch.spending.messages
        return {key: message for key, message in messages.items() if message.origin.session == session_id}

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The files with content that neither the ledger nor this batch has, without those too old for any figure."""
        recent = [file for file in files if file.modified_ns // 1000 >= self._since_us]
        found = super().unread(directory, recent)
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

    def _with_batch(self, in_ledger: Counter[Key], key_of: Callable[[int, Origin], Key]) -> Counter[Key]:
        """The spending in the ledger plus that in the batch."""
        found = in_ledger.copy()
        for (slot, origin), cost in self.batch.spending.spent.items():
            found[key_of(slot, origin)] += cost
        return +found  # without what has moved to another key
