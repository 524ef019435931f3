"""The spending of a run without a result, from the transcripts of its session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from glob import escape
from pathlib import Path

from chatserver.tasks.records import Spent, Task
from exporter.counting.spending import Spending
from exporter.counting.totals import Increments
from exporter.model.records import MAIN_AGENT, ApiMessage, Usage
from exporter.model.sessions import TranscriptSession
from exporter.prices.table import PriceTable
from exporter.sources.files import LogFile, log_file
from exporter.sources.positions import Position
from exporter.sources.transcripts import Wanted, read_transcript


def spent_so_far(task: Task, roots: Sequence[str], prices: PriceTable) -> Spent:
    """Cost, tokens and turns since the run started; unknown without a transcript. It reads files: offload it."""
    return spending_since(task.session_uuid or "", task.started_us or 0, roots, prices)


def spending_since(session_uuid: str, since_us: int, roots: Sequence[str], prices: PriceTable) -> Spent:
    """Cost, tokens and turns of a session since a time, by its transcripts; unknown without one."""
    spending, files = Spending(Increments()), [*_files(session_uuid, roots)]
    for message in _messages(files):
        if message.time_us >= since_us:
            spending.count_line(message, prices.cost, {})
    counted = spending.messages.values()
    return Spent(
        sum(message.cost.total for message in counted if message.cost),
        sum(_tokens(message.usage) for message in counted),
        sum(message.origin.agent == MAIN_AGENT for message in counted),
        is_known=bool(files) and all(message.cost for message in counted),
    )


def _messages(files: Iterable[LogFile]) -> Iterator[ApiMessage]:
    for file in files:
        position = Position()
        while read := read_transcript(file, position, file.directory, _session, Wanted.COSTS):
            yield from read.messages
            position = read.position
            if not read.more:
                break


def _files(session_uuid: str, roots: Sequence[str]) -> Iterator[LogFile]:
    """The transcripts of the session and of its sub-agents."""
    name = escape(session_uuid)
    for root in roots:
        for pattern in (f"*/{name}.jsonl", f"*/{name}/**/*.jsonl"):
            for path in Path(root).glob(pattern):
                if file := log_file(str(path.parent), path.name):
                    yield file


def _session(session_id: str) -> TranscriptSession:
    """A session of which only the spending matters."""
    return TranscriptSession(session_id, project="", born_us=0)


def _tokens(usage: Usage) -> int:
    return usage.prompt + usage.output
