"""What is being read: the batch at hand, the ledger that it goes to, and what could not be read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from exporter.counting.batch import Batch
from exporter.ledger.store import Ledger
from exporter.sources.files import LogFile
from exporter.sources.lines import Position

log = logging.getLogger(__name__)
BATCH_BYTES = 16 << 20
BATCH_SESSIONS = 400
PAUSE_DIRECTORIES = 256  # on a long walk, others get their turn after so many


class Intake:
    """The one way into the ledger: whoever reads fills the batch, and commits it once it is large enough."""

    def __init__(self, ledger: Ledger, clock: Callable[[], int]) -> None:
        self.ledger = ledger
        self.batch = Batch()
        self.unreadable: dict[str, str] = {}
        self._clock = clock

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The files of a directory that changed since they were read; a rotated one is read on from where it was."""
        files = list(files)
        known = self.ledger.known_files(directory) if files else {}
        self.batch.new_files.update((directory, file.name) for file in files if file.name not in known)
        if not known:
            return dict.fromkeys(files, Position())
        by_inode = {(k.file.inode, k.file.device): k.position for k in known.values()}
        by_name = {name: k.position for name, k in known.items()}
        return {
            file: by_inode.get((file.inode, file.device)) or by_name.get(file.name) or Position()
            for file in files
            if file.name not in known or known[file.name].file != file
        }

    def drop(self) -> None:
        """Forget a batch that could not be committed; its lines are read again."""
        self.batch = Batch()

    def commit(self) -> Iterator[int]:
        """Commit what the batch holds, if it holds anything, and yield the bytes that were read for it."""
        batch, self.batch = self.batch, Batch()
        if batch.sessions or batch.positions:
            self.ledger.commit(batch, self._clock())
            yield batch.bytes_read

    def commit_full(self) -> Iterator[int]:
        """Commit the batch once it is large enough."""
        if self.batch.bytes_read >= BATCH_BYTES or len(self.batch.sessions) >= BATCH_SESSIONS:
            yield from self.commit()

    def note_readable(self, directory: str) -> None:
        """Forget that a directory could not be read."""
        self.unreadable.pop(directory, None)

    def note_unreadable(self, directory: str, error: OSError) -> None:
        """Say once why a directory cannot be read."""
        where = error.filename or directory
        sentence = f"{where} cannot be read ({error.strerror}); mend its permissions, and nothing of it is lost."
        if self.unreadable.get(directory) != sentence:
            log.warning(sentence)
        self.unreadable[directory] = sentence
