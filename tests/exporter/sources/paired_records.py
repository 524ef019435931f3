"""Records of calls and events, and what pairing makes of them."""

from typing import Any

from exporter.model.records import BatchedCall, HookRecord, Outcome, Phase
from exporter.sources.pairing import Pairing

SECOND = 1_000_000
UNTIMED = -1
LATER_US = 10**9


def start(at: int = 0, call_id: str = "", tool: str = "Bash", **more: Any) -> HookRecord:
    return HookRecord(Phase.START, "PreToolUse", "s", _us(at), tool, call_id, **more)


def end(at: int = 1, call_id: str = "", tool: str = "Bash", **more: Any) -> HookRecord:
    return HookRecord(Phase.END, "PostToolUse", "s", _us(at), tool, call_id, **{"outcome": Outcome.SUCCESS, **more})


def event(name: str, at: int = 9, **more: Any) -> HookRecord:
    return HookRecord(Phase.EVENT, name, "s", _us(at), **more)


def batch(*calls: tuple[str, str], tool: str = "Bash", **more: Any) -> HookRecord:
    listed = tuple(BatchedCall(tool, call_id, response) for call_id, response in calls)
    return event("PostToolBatch", batch=listed, **more)


def _us(at: int) -> int | None:
    return None if at == UNTIMED else at * SECOND


def paired(*records: HookRecord) -> Pairing:
    pairing = Pairing()
    for record in records:
        pairing.apply(record)
    return pairing


def settled(*records: HookRecord) -> Pairing:
    pairing = paired(*records)
    pairing.settle(LATER_US)
    return pairing


def outcomes(*records: HookRecord) -> list[str]:
    return [call.outcome.value for call in settled(*records).calls]
