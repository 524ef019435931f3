from collections import Counter
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.records import BatchedCall, HookRecord, LineResult, Outcome, Phase, ToolCall
from exporter.sources.closers import closing_events
from exporter.sources.lines import digest
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


class TestById:
    def test_an_end_finds_its_start(self) -> None:
        pairing = paired(start(1, "a"), start(2, "b"), end(5, "a"), end(9, "b"))
        assert [call.duration_us for call in pairing.calls] == [4 * SECOND, 7 * SECOND]
        assert not pairing.open

    def test_a_call_has_the_fields_of_its_start_and_its_end(self) -> None:
        (call,) = paired(
            start(1, "a", input=b"{}", agent_id="x", agent="Explore"), end(3, "a", outcome=Outcome.ERROR, error="e")
        ).calls
        assert call == ToolCall(
            "Bash", "Explore", Outcome.ERROR, 1 * SECOND, 3 * SECOND, 2 * SECOND, "e", b"{}", agent_id="x"
        )

    def test_a_repeated_start_is_a_duplicate_before_and_after_its_end(self) -> None:
        pairing = paired(start(1, "a"))
        assert pairing.apply(start(1, "a")) is LineResult.DUPLICATE
        assert pairing.apply(end(2, "a")) is LineResult.COUNTED
        assert pairing.apply(start(1, "a")) is LineResult.DUPLICATE
        assert len(pairing.calls) == 1

    def test_a_repeated_end_is_a_duplicate(self) -> None:
        pairing = paired(start(1, "a"), end(2, "a"))
        assert pairing.apply(end(2, "a")) is LineResult.DUPLICATE
        assert len(pairing.calls) == 1

    def test_an_end_without_a_start_is_a_call_of_unknown_duration(self) -> None:
        pairing = paired(end(2, "a"), end(3, "b", duration_us=5))
        assert [(call.duration_us, call.started_us) for call in pairing.calls] == [(None, None), (5, None)]

    def test_a_start_after_its_end_opens_nothing(self) -> None:
        pairing = paired(end(2, "a"))
        assert pairing.apply(start(1, "a")) is LineResult.COUNTED
        assert pairing.apply(start(1, "a")) is LineResult.DUPLICATE
        assert (len(pairing.calls), pairing.open) == (1, {})

    def test_an_id_never_pairs_with_another(self) -> None:
        pairing = paired(start(1, "a"), end(2, "b"))
        assert len(pairing.calls) == len(pairing.open) == 1

    def test_a_call_counted_before_a_restart_is_a_duplicate_after_it(self) -> None:
        pairing = Pairing(seen={"a"})
        assert pairing.apply(start(1, "a")) is LineResult.DUPLICATE
        assert pairing.apply(end(1, "a")) is LineResult.DUPLICATE
        assert pairing.new_seen == []


class TestWithoutIds:
    def test_the_last_started_is_the_first_to_end(self) -> None:
        pairing = paired(start(1), start(2), end(5), end(9))
        assert [call.started_us for call in pairing.calls] == [2 * SECOND, 1 * SECOND]

    def test_a_call_whose_end_was_never_logged_does_not_take_the_end_of_a_later_one(self) -> None:
        pairing = paired(start(0), start(600), end(601), start(1200), end(1201))
        assert [call.duration_us for call in pairing.calls] == [SECOND, SECOND]
        assert [call.started_us for call in pairing.open.values()] == [0]

    def test_an_end_never_belongs_to_a_later_start_which_may_have_been_read_before_it(self) -> None:
        pairing = paired(start(1), start(3), end(2))
        assert [call.started_us for call in pairing.calls] == [1 * SECOND]
        assert [call.started_us for call in paired(start(3), end(2)).calls] == [None]

    def test_an_end_or_a_start_without_a_time_fits_any(self) -> None:
        assert not paired(start(3), end(UNTIMED)).open
        assert not paired(start(UNTIMED), end(2)).open

    def test_an_end_belongs_to_the_start_with_its_input(self) -> None:
        pairing = paired(start(1, input=b"1"), start(2, input=b"2"), end(5, input=b"2"), end(9, input=b"1"))
        assert [call.started_us for call in pairing.calls] == [2 * SECOND, 1 * SECOND]

    def test_an_end_without_an_input_belongs_to_the_newest_call_of_its_tool(self) -> None:
        pairing = paired(start(1, input=b"1"), start(2, input=b"2"), start(3, tool="Read"), end(5))
        assert [call.started_us for call in pairing.calls] == [2 * SECOND]

    def test_the_call_of_another_agent_does_not_match(self) -> None:
        pairing = paired(
            start(1, agent_id="x", input=b"1"), start(2, agent_id="y", input=b"1"), start(3, input=b"1"),
            end(7, input=b"1"), end(8, agent_id="y", input=b"1"),
        )  # fmt: skip
        assert [call.started_us for call in pairing.calls] == [3 * SECOND, 2 * SECOND]

    def test_an_input_read_before_a_restart_is_matched_by_its_digest(self) -> None:
        pairing = paired(start(1, input=b"1"), start(2, input=b"2"), start(3))
        for call in pairing.open.values():
            call.input, call.input_digest = b"", digest(call.input)
        pairing.apply(end(5, input=b"2"))
        pairing.apply(end(6, input=b"1"))
        assert [call.started_us for call in pairing.calls] == [2 * SECOND, 1 * SECOND]

    def test_an_end_without_a_start_is_counted(self) -> None:
        assert outcomes(end(1), end(2)) == ["success", "success"]

    def test_generated_keys_never_replace_an_open_call(self) -> None:
        pairing = paired(*(start(n) for n in range(12)), end(20), end(21), start(22), start(23))
        assert len(pairing.open) == 12
        assert list(pairing.open) == sorted(pairing.open)


class TestMixed:
    def test_an_end_with_an_id_matches_a_start_without_one(self) -> None:
        pairing = paired(start(1), end(2, "a"))
        assert ([call.duration_us for call in pairing.calls], pairing.open) == ([SECOND], {})
        assert pairing.apply(end(2, "a")) is LineResult.DUPLICATE

    def test_an_end_without_an_id_matches_a_start_with_one(self) -> None:
        pairing = paired(start(1, "a"), end(2))
        assert ([call.duration_us for call in pairing.calls], pairing.open) == ([SECOND], {})
        assert pairing.apply(end(2, "a")) is LineResult.DUPLICATE

    def test_the_same_id_takes_precedence_over_an_older_call_without_one(self) -> None:
        (call,) = paired(start(1), start(2, "a"), end(3, "a")).calls
        assert call.started_us == 2 * SECOND


class TestDurations:
    def test_the_duration_of_the_line_takes_precedence(self) -> None:
        (call,) = paired(start(1, "a"), end(9, "a", duration_us=11)).calls
        assert call.duration_us == 11

    def test_otherwise_the_duration_is_the_time_from_start_to_end(self) -> None:
        (call,) = paired(start(1, "a"), end(1, "a")).calls
        assert call.duration_us == 0

    @pytest.mark.parametrize(("started", "ended"), [(5, 4), (UNTIMED, 4), (5, UNTIMED), (UNTIMED, UNTIMED)])
    def test_a_missing_time_and_a_clock_that_went_backwards_give_no_duration(self, started: int, ended: int) -> None:
        (call,) = paired(start(started, "a"), end(ended, "a")).calls
        assert (call.outcome, call.duration_us) == (Outcome.SUCCESS, None)

    def test_a_call_that_was_closed_by_another_event_has_no_duration(self) -> None:
        (call,) = settled(start(1, "a"), event("Stop")).calls
        assert call.duration_us is None


class TestClosing:
    @pytest.mark.parametrize(
        ("closer", "outcome"),
        [
            (event("Stop"), "unknown"),
            (event("StopFailure"), "unknown"),
            (event("SessionEnd"), "unknown"),
            (event("SessionStart", detail="resume"), "unknown"),
            (event("SessionStart", detail="startup"), "unknown"),
            (event("UserPromptSubmit"), "interrupted"),
        ],
    )
    def test_the_end_of_a_turn_or_session_ends_its_calls(self, closer: HookRecord, outcome: str) -> None:
        assert outcomes(start(1, "a"), start(2), closer) == [outcome, outcome]

    @pytest.mark.parametrize("detail", ["compact", "clear", ""])
    def test_a_session_start_without_a_new_process_ends_no_calls(self, detail: str) -> None:
        assert outcomes(start(1, "a"), event("SessionStart", detail=detail)) == []

    def test_a_prompt_that_becomes_part_of_the_running_turn_ends_no_calls(self) -> None:
        asked = start(1, "a", turn="one")
        assert outcomes(asked, event("UserPromptSubmit", 4, turn="one")) == []
        assert outcomes(asked, event("UserPromptSubmit", 4, turn="two")) == ["interrupted"]
        assert outcomes(asked, event("UserPromptSubmit", 4)) == ["interrupted"]
        assert outcomes(asked, event("Stop", 4, turn="one")) == ["unknown"]

    def test_a_call_whose_start_is_read_after_the_event_that_ends_it_ends_with_it(self) -> None:
        assert outcomes(event("Stop", 4), start(1, "a")) == ["unknown"]
        assert outcomes(event("Stop", 4), start(5, "a")) == []
        assert outcomes(event("UserPromptSubmit", 6), event("Stop", 4), start(1, "a")) == ["unknown"]
        assert outcomes(event("Stop", 4), event("Stop", 65), start(1, "a")) == ["unknown"]
        assert outcomes(event("Stop", 4), start(1)) == []

    def test_a_prompt_at_the_time_of_a_start_precedes_it(self) -> None:
        prompt = msgspec.structs.replace(event("UserPromptSubmit", 4), phase=Phase.OPENING)
        assert outcomes(prompt, start(4, "a")) == outcomes(start(4, "a"), prompt) == []
        assert outcomes(event("Stop", 4), start(4, "a")) == outcomes(start(4, "a"), event("Stop", 4)) == ["unknown"]

    def test_an_unknown_event_ends_no_calls(self) -> None:
        assert outcomes(start(1, "a"), event("Notification"), event("MoonRise"), event("")) == []

    def test_the_end_of_a_call_replaces_a_presumed_one_until_that_is_settled(self) -> None:
        assert outcomes(start(1, "a"), event("Stop", 4), end(5, "a")) == ["success"]
        pairing = settled(start(1, "a"), event("Stop", 4))
        assert pairing.apply(end(5, "a")) is LineResult.DUPLICATE
        assert len(pairing.calls) == 1

    def test_a_presumed_end_is_settled_after_its_time(self) -> None:
        pairing = paired(start(1, "a"), event("Stop", 4))
        pairing.settle(4 * SECOND)
        assert (pairing.calls, pairing.running, len(pairing.presumed)) == ([], [], 1)
        pairing.settle(4 * SECOND + 1)
        assert (len(pairing.calls), pairing.open) == (1, {})

    def test_the_earliest_of_several_events_ends_a_call(self) -> None:
        assert outcomes(start(1, "a"), event("UserPromptSubmit", 8), event("Stop", 4)) == ["unknown"]
        assert outcomes(start(1, "a"), event("Stop", 8), event("UserPromptSubmit", 4)) == ["interrupted"]

    def test_an_event_before_the_start_of_a_call_does_not_end_it(self) -> None:
        assert outcomes(start(5, "a"), event("Stop", 4)) == []
        assert outcomes(start(5, "a"), event("Stop", UNTIMED)) == ["unknown"]
        assert outcomes(start(UNTIMED, "a"), event("Stop", 4)) == ["unknown"]

    @pytest.mark.parametrize("name", ["Stop", "StopFailure", "UserPromptSubmit"])
    def test_the_end_of_the_main_agents_turn_leaves_a_sub_agents_calls_open(self, name: str) -> None:
        pairing = settled(start(1, "a", tool="Agent"), start(2, "b", agent_id="x"), event(name))
        assert [call.tool for call in pairing.calls] == ["Agent"]
        assert list(pairing.open) == ["b"]

    def test_a_sub_agents_end_closes_its_own_calls_alone(self) -> None:
        for name in ("SubagentStop", "StopFailure"):
            pairing = settled(
                start(1, "a", tool="Agent"), start(2, "b", agent_id="x"), start(3, "c", agent_id="y"),
                event(name, agent_id="x"),
            )  # fmt: skip
            assert list(pairing.open) == ["a", "c"]

    def test_the_sessions_end_closes_every_agents_calls(self) -> None:
        assert len(outcomes(start(1, "a"), start(2, "b", agent_id="x"), event("SessionEnd"))) == 2

    def test_a_call_whose_end_is_never_logged_expires(self) -> None:
        pairing = paired(start(1, "a"), start(2, "b"), start(3))
        pairing.expire({"a", "gone", *(key for key in pairing.open if key not in {"a", "b"})})
        assert [(call.outcome, call.ended_us) for call in pairing.calls] == [(Outcome.UNKNOWN, None)] * 2
        assert list(pairing.open) == ["b"]
        assert pairing.apply(end(9, "a")) is LineResult.DUPLICATE


class TestRefusals:
    def test_a_start_that_was_blocked_is_a_denied_call(self) -> None:
        pairing = paired(start(1, "a", outcome=Outcome.DENIED, error="no"), start(1, outcome=Outcome.DENIED))
        assert [(call.outcome, call.error) for call in pairing.calls] == [(Outcome.DENIED, "no"), (Outcome.DENIED, "")]
        assert not pairing.open

    def test_a_start_that_failed_is_an_error_unless_its_end_is_logged(self) -> None:
        failed = start(1, "a", outcome=Outcome.ERROR, error="e")
        assert outcomes(failed, event("Stop")) == ["error"]
        assert outcomes(failed, end(2, "a")) == ["success"]

    def test_permission_denied_ends_the_call_with_its_reason(self) -> None:
        pairing = paired(start(1, "a"), start(1, "b"), event("PermissionDenied", 3, call_id="a", detail="policy"))
        assert [(call.outcome, call.error) for call in pairing.calls] == [(Outcome.DENIED, "policy")]
        assert list(pairing.open) == ["b"]

    def test_permission_denied_for_a_call_without_a_start_is_a_call(self) -> None:
        denied = event("PermissionDenied", 3, call_id="a", tool="Bash")
        assert outcomes(denied, denied, batch(("a", "denied"))) == ["denied"]

    def test_permission_denied_after_the_end_changes_nothing(self) -> None:
        assert outcomes(start(1, "a"), end(2, "a"), event("PermissionDenied", 3, call_id="a")) == ["success"]

    def test_a_call_that_permission_was_requested_for_and_that_never_ran_was_denied(self) -> None:
        asked = event("PermissionRequest", 2, tool="Bash", input=b"1")
        assert outcomes(start(1, "a", input=b"1"), asked, event("Stop")) == ["denied"]
        assert outcomes(start(1, "a", input=b"1"), asked, end(5, "a"), event("Stop")) == ["success"]

    @pytest.mark.parametrize(
        "other", [{"tool": "Read", "input": b"1"}, {"tool": "Bash", "input": b"2"}, {"tool": "Bash", "input": b""}]
    )
    def test_a_request_for_another_call_does_not_change_this_one(self, other: dict[str, Any]) -> None:
        asked = event("PermissionRequest", 2, **other)
        assert outcomes(start(1, "a", input=b"1"), asked, event("Stop")) == ["unknown"]

    def test_a_request_for_a_call_without_an_input_matches_it(self) -> None:
        assert outcomes(start(1, "a"), event("PermissionRequest", 2, tool="Bash"), event("Stop")) == ["denied"]

    def test_a_request_of_a_sub_agent_matches_its_own_call(self) -> None:
        asked = event("PermissionRequest", 2, tool="Bash", agent_id="x")
        stops = (event("SubagentStop", agent_id="x"), event("Stop"))
        pairing = settled(start(1, "a"), start(1, "b", agent_id="x"), asked, *stops)
        assert [call.outcome for call in pairing.calls] == [Outcome.UNKNOWN, Outcome.DENIED]

    def test_a_call_that_permission_was_requested_for_may_have_been_running_when_its_process_ended(self) -> None:
        pairing = settled(start(1, "a"), event("PermissionRequest", 2, tool="Bash"), event("SessionEnd"))
        assert [call.outcome for call in pairing.calls] == [Outcome.UNKNOWN]


class TestBatches:
    @pytest.mark.parametrize("response", ["Contains command_substitution", "rm was blocked. For security, …"])
    def test_a_call_with_a_response_in_its_batch_and_no_end_was_refused(self, response: str) -> None:
        pairing = settled(start(1, "a"), batch(("a", response), ("b", response)))
        assert [call.outcome for call in pairing.calls] == [Outcome.DENIED, Outcome.UNKNOWN]

    @pytest.mark.parametrize(
        ("response", "outcome", "error"),
        [
            ("This command requires approval", "denied", "This command requires approval"),
            ("<tool_use_error>InputValidationError: x</tool_use_error>", "error", None),
            ("<tool_use_error>Error: No such tool available: X</tool_use_error>", "error", None),
            ("Exit code 3\noops", "error", None),
            ("[Request interrupted by user for tool use]", "interrupted", None),
            ("", "unknown", ""),
        ],
    )
    @pytest.mark.parametrize("started", [True, False])
    def test_a_batch_ends_a_call_that_no_other_hook_ended(
        self, response: str, outcome: str, error: str | None, started: bool
    ) -> None:
        pairing = settled(*([start(1, "a")] if started else []), batch(("a", response)))
        (call,) = pairing.calls
        assert (call.tool, call.outcome, call.error) == ("Bash", outcome, response if error is None else error)
        assert not pairing.open

    def test_a_batch_does_not_change_calls_that_have_ended(self) -> None:
        assert outcomes(start(1, "a"), end(2, "a"), batch(("a", "Exit code 1"))) == ["success"]

    def test_a_repeated_batch_counts_once(self) -> None:
        assert outcomes(batch(("a", "Exit code 1")), batch(("a", "Exit code 1"))) == ["error"]

    def test_a_call_that_permission_was_requested_for_and_whose_batch_comes_first_was_denied(self) -> None:
        asked = event("PermissionRequest", 2, tool="Bash")
        assert outcomes(start(1, "a"), asked, batch(("a", "whatever the person answered"))) == ["denied"]


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


def test_only_events_that_end_calls_are_closers() -> None:
    assert [*closing_events(event("Stop"))] != []
    assert [*closing_events(event("PostToolUse"))] == []
    assert [*closing_events(event("SessionStart", detail="clear"))] == []
