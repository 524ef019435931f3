"""The spending of a run that has no result yet, or none at all, from the transcripts of its session."""

from __future__ import annotations

from collections.abc import Sequence

from chatserver.tasks.records import Spent, Task
from exporter.counting.spending import Spending
from exporter.counting.totals import Increments
from exporter.model.records import MAIN_AGENT
from exporter.model.sessions import TranscriptSession
from exporter.prices.table import PriceTable
from exporter.sources.call_hours import MILLISECOND_US
from exporter.sources.files import LogFile, is_safe_name
from exporter.sources.positions import Position
from exporter.sources.session_transcripts import session_transcripts, transcript_paths_of
from exporter.sources.transcripts import Wanted, read_transcript


class TranscriptSpending:
    """Reads what is new in the transcripts of a session, those of its sub-agents included."""

    def __init__(self, session_uuid: str, since_us: int, roots: Sequence[str], prices: PriceTable) -> None:
        self._session_uuid = session_uuid
        self._since_us = since_us // MILLISECOND_US * MILLISECOND_US  # as precise as the times in transcripts
        self._roots = tuple(roots)
        self._paths: tuple[str, ...] = ()  # of the transcripts, once there are any
        self._prices = prices
        self._positions: dict[str, Position] = {}
        self._spending = Spending(Increments())
        self._is_readable = True

    def read_new(self) -> Spent:
        """Cost, tokens and turns since the time; unknown without a transcript, or if one cannot be read."""
        if not self._paths and is_safe_name(self._session_uuid):
            self._paths = transcript_paths_of(self._session_uuid, self._roots, self._fail)
        for path in self._paths:
            for file in session_transcripts(path, self._fail):
                self._read_file(file)
        counted = self._spending.messages.values()
        return Spent(
            sum(message.cost.total for message in counted if message.cost),
            sum(message.usage.tokens for message in counted),
            sum(message.origin.agent == MAIN_AGENT for message in counted),
            is_known=self._is_readable and bool(self._positions) and all(message.cost for message in counted),
            unpriced_tokens=sum(message.usage.tokens for message in counted if message.cost is None),
        )

    def _read_file(self, file: LogFile) -> None:
        position = self._positions.setdefault(file.path, Position())
        try:
            while read := read_transcript(file, position, file.directory, _session, Wanted.COSTS):
                for message in read.messages:
                    if message.time_us >= self._since_us:
                        self._spending.count_line(message, self._prices.cost, {})
                self._positions[file.path] = position = read.position
                if not read.more:
                    break
        except OSError as error:
            self._fail(file.path, error)

    def _fail(self, _path: str, _error: OSError) -> None:
        self._is_readable = False


def spent_so_far(task: Task, roots: Sequence[str], prices: PriceTable) -> Spent:
    """Cost, tokens and turns since the run started; unknown without a transcript. It reads files: offload it."""
    return spending_since(task.session_uuid or "", task.started_us or 0, roots, prices)


def spending_since(session_uuid: str, since_us: int, roots: Sequence[str], prices: PriceTable) -> Spent:
    """Cost, tokens and turns of a session since a time, by its transcripts; unknown without one."""
    return TranscriptSpending(session_uuid, since_us, roots, prices).read_new()


def _session(session_id: str) -> TranscriptSession:
    """A session of which only the spending matters."""
    return TranscriptSession(session_id, project="", born_us=0)
