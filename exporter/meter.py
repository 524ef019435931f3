"""The meter: finds what is new in the log folders and counts it, a bounded batch at a time."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from exporter.batch import Batch
from exporter.counting import SessionCount
from exporter.ledger.store import Ledger
from exporter.records import SessionStatus
from exporter.second_reader import Part, Places, SecondReader
from exporter.sessions import WINDOW_US, Session, status
from exporter.sources.folder_reader import read_folder
from exporter.sources.lines import Position
from exporter.sources.log_folders import LogFile, log_files, printable, session_folders

log = logging.getLogger(__name__)
BATCH_BYTES = 16 << 20
BATCH_FOLDERS = 400
PAUSE_FOLDERS = 256


def now_us() -> int:
    """The present moment, in microseconds since the epoch."""
    return time.time_ns() // 1000


class Meter:
    """Reads the folders into the ledger. One thread at a time may call it."""

    def __init__(self, roots: Iterable[str], ledger: Ledger, clock: Callable[[], int] = now_us) -> None:
        self.roots = tuple(roots)
        self.ledger = ledger
        self.clock = clock
        self.behind_since_us: int | None = None
        self.unreadable: dict[str, str] = {}
        self.changes = 0
        self._batch = Batch()
        ledger.load_sessions(clock())

    def recent_sessions(self) -> list[Session]:
        """The sessions of the last 24 hours."""
        since_us = self.clock() - WINDOW_US
        return [session for session in self.ledger.sessions.values() if session.last_us >= since_us]

    def running_tools(self) -> list[Counter[str]]:
        """The open calls of each session that is not completed, by tool: those that may well be running."""
        now = self.clock()
        sessions, open_tools = self.ledger.sessions, self.ledger.open_tools
        return [
            tools
            for session_id, tools in open_tools.items()
            if session_id in sessions and status(sessions[session_id], now) is not SessionStatus.COMPLETED
        ]

    def lag_us(self) -> int:
        """For how long something has been waiting to be counted."""
        return 0 if self.behind_since_us is None else max(0, self.clock() - self.behind_since_us)

    def refresh(self, folders: Iterable[str] | None = None) -> Iterator[int]:
        """Count what is new in these folders (in all of them, if none are named), yielding after each commit.

        The number yielded is the bytes read by that commit; on a long walk, 0 comes now and then, so that others get
        their turn. Raises LedgerWriteError; what was not committed is read again by the next refresh.
        """
        self.behind_since_us = self.behind_since_us or self.clock()
        self._batch = Batch()
        walked = chain.from_iterable(map(session_folders, self.roots)) if folders is None else folders
        before = self.changes
        with SecondReader() as second:
            for number, places in enumerate(self._by_session(walked), start=1):
                if number % PAUSE_FOLDERS == 0:
                    yield 0
                if self.changes > before and second.is_free and self._is_new(places):
                    second.hand_over(places)
                else:
                    yield from self._read(places)
                for part in second.finished():
                    yield from self._merge(part)
            for rest in second.rest():
                yield from self._merge(rest) if rest else (0,)
        if self._batch.sessions or self._batch.positions:
            yield self._commit()
        yield from self._close_stale()
        self.ledger.forget_sessions(self.clock() - WINDOW_US)
        self.behind_since_us = None

    def catch_up(self) -> None:
        """Count everything that there is."""
        for _ in self.refresh():
            pass

    def _by_session(self, folders: Iterable[str]) -> Iterator[Places]:
        """The folders that are read together: a root by itself, else all of one name, whichever root they lie in."""
        names: dict[str, None] = {}
        for folder in folders:
            parent, _, name = folder.rpartition(os.sep)
            if folder in self.roots:
                yield (folder,)
            elif parent in self.roots:
                names[name] = None
        for name in names:
            yield tuple(f"{root}{os.sep}{name}" for root in self.roots)

    def _is_new(self, folders: Places) -> bool:
        """Whether nothing in the folders was ever read, or failed to be."""
        return not any(folder in self.unreadable or self.ledger.known_files(folder) for folder in folders)

    def _merge(self, part: Part) -> Iterator[int]:
        """Take in what the second reader has read, where nothing was heard of its sessions in the meantime."""
        if all(self._begin(session_id).is_new for session_id in part.batch.sessions):
            self._batch.merge(part.batch)
            yield from self._commit_full()
        else:
            part.left.extend(part.taken)
        for places in part.left:
            yield from self._read(places)

    def _read(self, folders: Places) -> Iterator[int]:
        """Read folders to their end, yielding after each commit on the way."""
        session_id = printable(folders[0].rpartition(os.sep)[2])
        changed: dict[LogFile, Position] = {}
        for folder in folders:
            try:
                changed |= self._changed(folder)
                self.unreadable.pop(folder, None)
            except OSError as error:
                self._note_unreadable(folder, error)
        while changed:
            count = self._begin(session_id)
            try:
                read = read_folder(changed, session_id, fresh=count.is_new)
            except OSError as error:
                self._note_unreadable(folders[0], error)
                return
            self._batch.take(read, count, self._begin)
            yield from self._commit_full()
            changed = dict(read.positions) if read.more else {}

    def _begin(self, session_id: str) -> SessionCount:
        """A session as it stands after the batch at hand."""
        return self._batch.sessions.get(session_id) or self.ledger.begin(session_id)

    def _commit_full(self) -> Iterator[int]:
        """Commit the batch at hand once it is large enough."""
        if self._batch.bytes_read >= BATCH_BYTES or len(self._batch.sessions) >= BATCH_FOLDERS:
            yield self._commit()

    def _changed(self, folder: str) -> dict[LogFile, Position]:
        """The files that may hold something new, and from where on; a rotated one, from where it was before."""
        files = log_files(folder)
        known = self.ledger.known_files(folder) if files else {}
        self._batch.new_files.update((folder, file.name) for file in files if file.name not in known)
        if not known:
            return dict.fromkeys(files, Position())
        by_inode = {(k.file.inode, k.file.device): k.position for k in known.values()}
        by_name = {name: k.position for name, k in known.items()}
        return {
            file: by_inode.get((file.inode, file.device)) or by_name.get(file.name) or Position()
            for file in files
            if file.name not in known or known[file.name].file != file
        }

    def _close_stale(self) -> Iterator[int]:
        """Give up on calls, and end the runs of sessions, that nothing was heard of for 24 hours."""
        before_us = self.clock() - WINDOW_US
        for session_id, keys in self.ledger.expired_calls(before_us).items():
            count = self._batch.session(session_id, self.ledger.begin)
            count.pairing.expire(keys)
            self._batch.counted.finish(count)
            if len(self._batch.sessions) >= BATCH_FOLDERS:
                yield self._commit()
        if self._batch.sessions:
            yield self._commit()
        while silent := self.ledger.silent_runs(before_us, BATCH_FOLDERS):
            for count in silent:
                self._batch.sessions[count.session.session_id] = count
                self._batch.counted.end_silent_run(count.session)
            yield self._commit()

    def _commit(self) -> int:
        batch, self._batch = self._batch, Batch()
        self.ledger.commit(batch, self.clock())
        self.changes += 1
        return batch.bytes_read

    def _note_unreadable(self, folder: str, error: OSError) -> None:
        where = error.filename or folder
        sentence = f"{where} cannot be read ({error.strerror}); mend its permissions, and nothing of it is lost."
        if self.unreadable.get(folder) != sentence:
            log.warning(sentence)
        self.unreadable[folder] = sentence
