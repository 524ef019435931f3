import pytest

from exporter.model.records import LineResult, Outcome, ToolCall
from exporter.sources.lines import digest
from exporter.sources.pairing import Pairing
from tests.exporter.sources.paired_records import SECOND, UNTIMED, end, event, outcomes, paired, settled, start


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
