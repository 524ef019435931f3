"""Any sequence of records gives the result of a simple reference."""

from collections import Counter
from typing import Any, NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.records import HookRecord, Phase
from exporter.sources.pairing import Pairing
from tests.exporter.sources.paired_records import LATER_US, UNTIMED, end, event, paired, start


class Known(NamedTuple):
    """A call in the reference implementation below."""

    number: int
    record: HookRecord
    asked: bool = False
    closer: HookRecord | None = None


class Reference:
    """A reference implementation of the rules, kept simple: a list of open calls and a tally of ended ones."""

    def __init__(self) -> None:
        self.open: list[Known] = []
        self.started = 0
        self.ids: set[str] = set()
        self.ended: Counter[tuple[str, str, str, int | None]] = Counter()
        self.closers: list[HookRecord] = []

    def apply(self, record: HookRecord) -> None:
        if record.phase is Phase.START:
            if not record.call_id or record.call_id not in self.ids:
                self.open.append(Known(self.started, record))
                self.started += 1
                if record.call_id and record.time_us is not None:
                    for closer in self.closers:
                        self._close_open(closer, {self.started - 1})
        elif record.phase is Phase.END:
            self._end(record)
        else:
            self._event(record)
        if record.call_id:
            self.ids.add(record.call_id)

    def _end(self, record: HookRecord) -> None:
        own = [known for known in self.open if record.call_id and known.record.call_id == record.call_id]
        if record.call_id in self.ids and not own:
            return
        alike = [
            known for known in self.open
            if known.record.tool == record.tool and known.record.agent_id == record.agent_id
            and (not record.input or known.record.input == record.input)
            and not (known.record.call_id and record.call_id) and known.closer is None
            and _is_not_later(known.record, record)
        ]  # fmt: skip
        found = next(iter(own or reversed(alike)), None)
        if found:
            self.open.remove(found)
        started_us = found.record.time_us if found else None
        known_span = started_us is not None and record.time_us is not None and started_us <= record.time_us
        span = (record.time_us or 0) - (started_us or 0) if known_span else None
        caller = record if record.agent_id or not found else found.record
        whole = msgspec.structs.replace(record, agent=caller.agent)
        self._count(whole, "success", span if record.duration_us is None else record.duration_us)

    def _event(self, record: HookRecord) -> None:
        if record.event == "PermissionDenied":
            own = [known for known in self.open if known.record.call_id == record.call_id]
            if own or record.call_id not in self.ids:
                self.open = [known for known in self.open if known not in own]
                self._count(own[0].record if own else record, "denied", None)
        if record.event == "PermissionRequest":
            self.open = [
                known._replace(asked=True)
                if (known.record.tool, known.record.agent_id, known.record.input)
                == (record.tool, record.agent_id, record.input)
                else known
                for known in self.open
            ]
        if record.time_us is not None:
            self.closers.append(record)
        self._close_open(record, {known.number for known in self.open})

    def _close_open(self, record: HookRecord, numbers: set[int]) -> None:
        for known in [known for known in self.open if known.number in numbers]:
            is_in_scope = {
                "Stop": known.record.agent_id == "", "UserPromptSubmit": known.record.agent_id == "",
                "SubagentStop": known.record.agent_id == record.agent_id, "SessionEnd": True,
            }.get(record.event, False)  # fmt: skip
            if is_in_scope and _is_not_later(known.record, record):
                self.open.remove(known)
                if not known.record.call_id:
                    self._close(known._replace(closer=record))
                elif known.closer is None or (record.time_us or 0) < (known.closer.time_us or 0):
                    self.open.append(known._replace(closer=record))
                else:
                    self.open.append(known)
        self.open.sort(key=lambda known: known.number)

    def settle(self) -> None:
        for known in list(self.open):
            if known.closer:
                self.open.remove(known)
                self._close(known)

    def _close(self, known: Known) -> None:
        event = known.closer.event if known.closer else ""
        outcome = "interrupted" if event == "UserPromptSubmit" else "unknown"
        self._count(known.record, "denied" if known.asked and event != "SessionEnd" else outcome, None)

    def _count(self, record: HookRecord, outcome: str, duration_us: int | None) -> None:
        self.ended[record.tool, record.agent, outcome, duration_us] += 1


def _is_not_later(start: HookRecord, other: HookRecord) -> bool:
    return start.time_us is None or other.time_us is None or start.time_us <= other.time_us


AGENTS = {"": "main", "x": "Explore", "y": "Plan"}
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "tool": st.sampled_from(["Bash", "Read"]),
    "agent_id": st.sampled_from(list(AGENTS)),
    "input": st.sampled_from([b"", b"1", b"2"]),
    "at": st.integers(UNTIMED, 9),
}
IDS = st.sampled_from(["", "", "a", "b", "c"])
RECORDS = st.one_of(
    st.builds(start, call_id=IDS, **COMMON),
    st.builds(end, call_id=IDS, duration_us=st.sampled_from([None, None, 7]), **COMMON),
    st.builds(
        event, st.sampled_from(["Stop", "SubagentStop", "SessionEnd", "UserPromptSubmit", "Notification"]), **COMMON
    ),
    st.builds(event, st.just("PermissionRequest"), **COMMON),
    st.builds(event, st.just("PermissionDenied"), call_id=st.sampled_from("abc"), **COMMON),
).map(lambda record: msgspec.structs.replace(record, agent=AGENTS[record.agent_id]))


@given(st.lists(RECORDS, max_size=25), st.integers(0, 25))
def test_any_sequence_of_records_gives_the_result_of_the_reference(records: list[HookRecord], settled_at: int) -> None:
    pairing, reference = Pairing(), Reference()
    for number, record in enumerate(records):
        pairing.apply(record)
        reference.apply(record)
        if number == settled_at:
            pairing.settle(LATER_US)
            reference.settle()
        ended = Counter((call.tool, call.agent, call.outcome.value, call.duration_us) for call in pairing.calls)
        assert ended == reference.ended
        assert [(call.tool, call.started_us, call.is_running) for call in pairing.open.values()] == [
            (known.record.tool, known.record.time_us, known.closer is None) for known in reference.open
        ]


@given(st.lists(RECORDS, max_size=25))
def test_reading_a_sequence_twice_ends_no_identified_call_twice(records: list[HookRecord]) -> None:
    identified = [record for record in records if record.call_id]
    pairing = paired(*identified)
    calls = len(pairing.calls)
    for record in identified:
        pairing.apply(record)
    assert len(pairing.calls) == calls
