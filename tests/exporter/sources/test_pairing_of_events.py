"""Calls that end with an event, a refusal or a batch."""

from typing import Any

import msgspec
import pytest

from exporter.model.records import HookRecord, LineResult, Outcome, Phase
from exporter.sources.closers import closing_events
from tests.exporter.sources.paired_records import SECOND, UNTIMED, batch, end, event, outcomes, paired, settled, start


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

    def test_the_end_of_a_later_turn_shows_that_the_turn_of_a_call_was_interrupted(self) -> None:
        asked = start(1, "a", turn="one")
        assert outcomes(asked, event("Stop", 4, turn="two")) == ["interrupted"]
        assert outcomes(asked, event("StopFailure", 4, turn="two")) == ["interrupted"]
        assert outcomes(asked, event("SessionEnd", 4, turn="two")) == ["unknown"]
        of_sub_agent = start(1, "a", turn="one", agent_id="x")
        assert outcomes(of_sub_agent, event("SubagentStop", 4, turn="two", agent_id="x")) == ["unknown"]

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


def test_only_events_that_end_calls_are_closers() -> None:
    assert [*closing_events(event("Stop"))] != []
    assert [*closing_events(event("PostToolUse"))] == []
    assert [*closing_events(event("SessionStart", detail="clear"))] == []
