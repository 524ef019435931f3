"""The helper process for transcripts: it reads the next ones while the meter counts and commits those before them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from exporter.ingest.helper_process import POLL_SECONDS, HelperProcess
from exporter.model.sessions import TranscriptSession
from exporter.sources.positions import Position
from exporter.sources.transcript_survey import SurveyedFile
from exporter.sources.transcripts import TranscriptRead, read_transcript

HEAD_START_BYTES = 32 << 20  # what the meter reads while the helper starts; if there is no more, there is no helper
MAX_FILE_BYTES = 16 << 20  # a whole file of the helper is in memory, without its texts
MAX_WAITING = 16
Reads = list[TranscriptRead]


class UnreadFile(NamedTuple):
    """A transcript, where to resume in it, and the session that it is of."""

    surveyed: SurveyedFile
    position: Position
    session: TranscriptSession

    @property
    def unread_bytes(self) -> int:
        """The number of bytes to read."""
        return max(0, self.surveyed.file.size - self.position.offset)


class TranscriptHelper(HelperProcess[UnreadFile, Reads | None]):
    """Reads files before the meter, which takes them in their order, reaches them."""

    def __init__(self, files: Sequence[UnreadFile]) -> None:
        super().__init__(read_file, MAX_WAITING)
        read_bytes = accumulate(file.unread_bytes for file in files)
        later = (file for file, until in zip(files, read_bytes, strict=True) if until > HEAD_START_BYTES)
        self._later = deque(file for file in later if file.unread_bytes <= MAX_FILE_BYTES)
        self._read_here: deque[tuple[UnreadFile, Reads | None]] = deque()

    def __enter__(self) -> TranscriptHelper:
        return self

    def hand_over_after(self, file: UnreadFile) -> None:
        """Have the files after this one read."""
        if self._later and self._later[0] is file:
            self._later.popleft()
        while self._later and self.is_free:
            self.send(self._later.popleft())

    def is_reading(self, file: UnreadFile) -> bool:
        """Whether it has this file, and is not done with it."""
        return self._is_handed_over(file) and not self.is_ready()

    def read_another(self) -> None:
        """Read a later file in this process, or wait for a moment if there is none."""
        if self._later and len(self._read_here) < MAX_WAITING:
            file = self._later.popleft()
            self._read_here.append((file, read_file(file)))
        else:
            self.is_ready(POLL_SECONDS)

    def reads(self, file: UnreadFile) -> Reads | None:
        """All that was read of this file; None if it is left to the meter."""
        if self._read_here and self._read_here[0][0] is file:
            return self._read_here.popleft()[1]
        return self.receive()[1] if self._is_handed_over(file) else None

    def _is_handed_over(self, file: UnreadFile) -> bool:
        return bool(self._waiting) and self._waiting[0] is file


class _OtherSessionError(Exception):
    """A line is of a session that was not handed over to the helper."""


def read_file(file: UnreadFile) -> Reads | None:
    """Read a file to its end; None if it cannot be read, or if it also has lines of other sessions."""
    try:
        return _read_file(file)
    except Exception:  # the meter runs into the same error, and reports it or leaves a line out
        return None


def _read_file(file: UnreadFile) -> Reads:
    def session_of(session_id: str) -> TranscriptSession:
        if session_id != file.session.session_id:
            raise _OtherSessionError
        return file.session

    reads: Reads = []
    (log, directory, *_), position = file.surveyed, file.position
    while read := read_transcript(log, position, directory, session_of):
        reads.append(read)
        if not read.more:
            break
        position = read.position
    return reads
