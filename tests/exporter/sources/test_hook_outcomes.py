"""The outcomes of calls in lines of hook logs."""

from typing import Any

import pytest

from exporter.model.records import Outcome
from exporter.sources.hook_records import MAX_ERROR_CHARACTERS
from tests.exporter.sources.hook_lines import record


class TestOutcomes:
    @pytest.mark.parametrize(
        ("line", "outcome", "error"),
        [
            ({}, Outcome.SUCCESS, ""),
            ({"has_error": False}, Outcome.SUCCESS, ""),
            ({"has_error": False, "error": "a warning"}, Outcome.SUCCESS, ""),
            ({"has_error": True}, Outcome.ERROR, ""),
            ({"has_error": True, "output_preview": "oops"}, Outcome.ERROR, "oops"),
            ({"has_error": True, "error": "e", "output_preview": "oops"}, Outcome.ERROR, "e"),
            ({"has_error": True, "result": "oops"}, Outcome.ERROR, "oops"),
            ({"has_error": True, "response": {"a": 1}}, Outcome.ERROR, '{"a": 1}'),
            ({"is_error": True, "toolResult": ["oops"]}, Outcome.ERROR, '["oops"]'),
            ({"is_error": False}, Outcome.SUCCESS, ""),
            ({"success": False, "error": "e"}, Outcome.ERROR, "e"),
            ({"success": True}, Outcome.SUCCESS, ""),
            ({"error": "e"}, Outcome.ERROR, "e"),
            ({"error": {"code": 1}}, Outcome.ERROR, '{"code": 1}'),
            ({"error": None}, Outcome.SUCCESS, ""),
            ({"error": ""}, Outcome.SUCCESS, ""),
            ({"error": True}, Outcome.ERROR, ""),
            ({"status": "error"}, Outcome.ERROR, ""),
            ({"status": "failed", "reason": "r"}, Outcome.ERROR, "r"),
            ({"status": "blocked", "reason": "r"}, Outcome.DENIED, "r"),
            ({"status": "completed"}, Outcome.SUCCESS, ""),
            ({"status": 500}, Outcome.SUCCESS, ""),
            ({"hook_event_name": "PostToolUseFailure", "error": "Exit code 3"}, Outcome.ERROR, "Exit code 3"),
            ({"hook_event_name": "PostToolUseFailure"}, Outcome.ERROR, ""),
            ({"hook_event_name": "PostToolUseFailure", "is_interrupt": True}, Outcome.INTERRUPTED, ""),
            ({"error": "This command requires approval"}, Outcome.DENIED, "This command requires approval"),
            ({"tool_response": {"interrupted": True}}, Outcome.INTERRUPTED, ""),
            ({"toolResult": {"interrupted": True}}, Outcome.INTERRUPTED, ""),
            ({"tool_response": {"interrupted": "yes"}}, Outcome.SUCCESS, ""),
            ({"tool_response": {"nested": {"interrupted": True}}}, Outcome.SUCCESS, ""),
            ({"tool_response": 'he wrote {"interrupted":true}'}, Outcome.SUCCESS, ""),
            ({"tool_response": True}, Outcome.SUCCESS, ""),
            ({"tool_response": [{"interrupted": True}]}, Outcome.SUCCESS, ""),
        ],
    )
    def test_an_end_has_the_outcome_that_it_reports(self, line: dict[str, Any], outcome: Outcome, error: str) -> None:
        found = record({"tool": "Bash", **line})
        assert (found.outcome, found.error) == (outcome, error)

    def test_an_error_text_is_bounded(self) -> None:
        assert len(record({"tool": "Bash", "error": "x" * 100_000}).error) == MAX_ERROR_CHARACTERS

    def test_only_a_call_has_an_outcome(self) -> None:
        assert record({"hook_event_name": "Stop", "error": "x", "is_error": True}).outcome is None
