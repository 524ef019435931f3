"""The ends of calls that a batch or a transcript reports, which the hook of the end may still replace."""

from __future__ import annotations

from exporter.model.records import BatchedCall, HookRecord, Outcome
from exporter.sources.error_categories import failure_outcome
from exporter.sources.open_calls import Evidence, OpenCall, PresumedEnd

FAILED_RESPONSES = ("<tool_use_error>", "Exit code ", "Error: ")  # a batch also has the responses of successful calls


def batched_end(call: OpenCall, batched: BatchedCall, at_us: int | None) -> PresumedEnd:
    """The end of a call that a batch lists and no other hook ended: it was denied, or failed validation."""
    text = batched.response
    outcome = failure_outcome(text)
    if call.fallback is Outcome.DENIED:
        outcome = Outcome.DENIED
    elif outcome is Outcome.ERROR and not text.startswith(FAILED_RESPONSES):
        # Refusals have too many wordings to match; but a call that ran has logged its end before the batch.
        outcome, text = (Outcome.DENIED, text) if call.hooked and text else (Outcome.UNKNOWN, "")
    return PresumedEnd(Evidence.BATCH, outcome, at_us, text)


def transcript_end(record: HookRecord) -> PresumedEnd:
    """The end that a result in a transcript reports; that a later process fills in says no more than that it began."""
    if record.outcome in {Outcome.UNKNOWN, None}:
        return PresumedEnd(Evidence.CLOSER, Outcome.UNKNOWN, record.time_us, ends_turn=False)
    return PresumedEnd(Evidence.TRANSCRIPT, record.outcome, record.time_us, record.error, change=record.change)
