"""Counts what no line reports: the presumed ends of calls, and the ends of what has been silent for long."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.counting.session_count import SessionCount
from exporter.ingest.batch_writer import BATCH_SESSIONS, BatchWriter


def settle(writer: BatchWriter, before_us: int) -> Iterator[int]:
    """Count calls by their presumed ends, once all witnesses have been read and had a minute to correct them."""
    ledger, loaded = writer.ledger, writer.loaded_session

    def settle_calls(session_id: str) -> None:
        writer.batch.counted.settle(loaded(session_id), before_us)

    def end_run(session_id: str) -> None:
        writer.batch.counted.end_transcript_run(loaded(session_id).session)

    yield from writer.count_each(ledger.unsettled_sessions(before_us), settle_calls)
    yield from writer.count_each(ledger.ended_transcripts(before_us), end_run)
    yield from writer.commit()


def expire(writer: BatchWriter, before_us: int) -> Iterator[int]:
    """Expire calls and work, and end the runs of sessions, without a line since a time."""
    expired = writer.ledger.expired_calls(before_us)

    def expire_calls(session_id: str) -> None:
        count = writer.loaded_session(session_id)
        count.pairing.expire(expired[session_id])
        writer.batch.counted.finish(count)

    def expire_work(session_id: str) -> None:
        count = writer.loaded_session(session_id)
        count.pairing.expire_all()
        writer.batch.counted.finish(count)

    yield from writer.count_each(expired, expire_calls)
    yield from writer.commit()
    yield from writer.count_each(writer.ledger.silent_work(before_us), expire_work)
    yield from writer.commit()
    yield from _end_runs(writer, before_us)


def start_without_project(writer: BatchWriter, before_us: int) -> Iterator[int]:
    """Count the sessions as started whose project no line has named since a time."""

    def start(session_id: str) -> None:
        writer.batch.counted.start(writer.loaded_session(session_id).session)

    yield from writer.count_each(writer.ledger.awaiting_project(before_us), start)
    yield from writer.commit()


def _end_runs(writer: BatchWriter, before_us: int) -> Iterator[int]:
    """End the runs of silent sessions, some at a time; their open calls have expired."""
    silent: dict[str, SessionCount] = {}
    tried: set[str] = set()

    def end_run(session_id: str) -> None:
        count = writer.batch.sessions[session_id] = silent[session_id]
        writer.batch.counted.start(count.session)
        writer.batch.counted.end_silent_run(count.session)

    while not tried.issuperset(found := writer.ledger.silent_runs(before_us, BATCH_SESSIONS)):
        silent.update(found)
        tried |= found.keys()
        yield from writer.count_each(found, end_run)
        yield from writer.commit()
        silent.clear()
