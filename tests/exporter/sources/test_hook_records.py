from typing import Any

import msgspec
import pytest

from exporter.model.records import NO_PROJECT, BatchedCall, HookRecord, Outcome, Phase, Project, Prompt, PromptSource
from tests.exporter.sources.hook_lines import read, record

NANOSECONDS = 1_771_167_196_123_456_789
MOMENT = "2026-02-15T14:53:16.123456Z"
MOMENT_US = 1_771_167_196_123_456
PAYLOAD: dict[str, Any] = {
    "session_id": "s-1",
    "transcript_path": "/home/dev/.claude/projects/-home-dev-proj/s-1.jsonl",
    "cwd": "/home/dev/proj",
    "prompt_id": "p-1",
    "permission_mode": "default",
    "effort": {"level": "high"},
    "hook_event_name": "PostToolUse",
    "tool_name": "Bash",
    "tool_input": {"command": "echo hi"},
    "tool_response": {"stdout": "hi", "stderr": "", "interrupted": False, "isImage": False},
    "tool_use_id": "toolu_01",
    "duration_ms": 11,
}


def expected(**changes: Any) -> HookRecord:
    whole = HookRecord(
        Phase.END, "PostToolUse", "s-1", None, "Bash", "toolu_01", duration_us=11_000, outcome=Outcome.SUCCESS,
        project=Project("/home/dev/proj", is_certain=True), transcript=PAYLOAD["transcript_path"],
        input=b'{"command": "echo hi"}', turn="p-1",
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changes)


class TestShapes:
    def test_a_raw_payload_has_no_time(self) -> None:
        assert read(PAYLOAD) == expected()

    @pytest.mark.parametrize("stamp", ["logged_at", "timestamp", "ts"])
    def test_a_payload_may_have_a_timestamp(self, stamp: str) -> None:
        assert read({stamp: MOMENT, **PAYLOAD}) == expected(time_us=MOMENT_US)

    @pytest.mark.parametrize("stamp", [{"logged_at": MOMENT}, {"ts": MOMENT_US}, {"timestamp": NANOSECONDS}])
    def test_a_payload_may_be_wrapped_with_a_timestamp(self, stamp: dict[str, Any]) -> None:
        assert read({**stamp, "payload": PAYLOAD}) == expected(time_us=MOMENT_US)

    def test_a_wrapped_payload_keeps_its_own_timestamp_if_the_wrapper_has_none(self) -> None:
        assert read({"payload": {**PAYLOAD, "timestamp": MOMENT}}) == expected(time_us=MOMENT_US)
        assert read({"logged_at": MOMENT, "payload": {**PAYLOAD, "logged_at": 1}}) == expected(time_us=MOMENT_US)

    @pytest.mark.parametrize("payload", [None, 1, "text", [], [PAYLOAD], {}, {"payload": PAYLOAD}])
    def test_a_wrapped_value_of_any_other_shape_is_ignored(self, payload: object) -> None:
        assert read({"logged_at": MOMENT, "payload": payload}, Phase.END) is None

    def test_a_payload_that_contains_a_payload_is_not_unwrapped(self) -> None:
        assert read({**PAYLOAD, "payload": {"hook_event_name": "Stop"}}) == expected()

    def test_an_element_of_a_disler_array_is_a_raw_payload_without_a_call_id(self) -> None:
        element = {key: value for key, value in PAYLOAD.items() if key not in {"tool_use_id", "duration_ms"}}
        assert read(element) == expected(call_id="", duration_us=None)

    def test_the_camel_case_format_has_nanoseconds(self) -> None:
        line = {
            "hookEventName": "post_tool_use", "sessionId": "s-1", "toolName": "Bash", "toolUseId": "toolu_01",
            "toolInput": {"command": "echo hi"}, "toolResult": {"output": "hi"}, "timestamp": NANOSECONDS,
            "durationMs": 11, "agentId": "a-1", "agentType": "Explore", "promptId": "p-1",
        }  # fmt: skip
        assert read(line) == expected(
            time_us=MOMENT_US, project=NO_PROJECT, transcript="", agent_id="a-1", agent="Explore"
        )

    def test_the_older_recorders_start_has_parameters_and_a_status(self) -> None:
        line = {
            "timestamp": MOMENT, "tool": "Bash", "parameters": {"command": "ls"}, "status": "starting", "task_id": "t",
            "session_uuid": "s-1",
        }  # fmt: skip
        assert read(line, Phase.START) == HookRecord(
            Phase.START, "", "s-1", MOMENT_US, "Bash", input=b'{"command": "ls"}'
        )

    @pytest.mark.parametrize(
        ("status", "outcome"),
        [("starting", None), ("blocked", Outcome.DENIED), ("denied", Outcome.DENIED), ("error", Outcome.ERROR)],
    )
    def test_the_status_of_a_start_may_report_that_the_call_never_ran(
        self, status: str, outcome: Outcome | None
    ) -> None:
        found = record({"tool": "Bash", "status": status, "error": "no"}, Phase.START)
        assert (found.outcome, found.error) == (outcome, "no" if outcome else "")

    def test_the_older_recorders_end_reports_whether_there_was_an_error(self) -> None:
        line = {
            "timestamp": MOMENT, "tool": "Bash", "output_length": 4, "has_error": True, "error": "Exit code 3\noops",
            "duration_ms": 11.5, "output_preview": "oops", "agent": "Explore",
            "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3},
        }  # fmt: skip
        assert read(line, Phase.END) == HookRecord(
            Phase.END, "", "directory", MOMENT_US, "Bash", agent="Explore", duration_us=11_500, outcome=Outcome.ERROR,
            error="Exit code 3\noops",
        )  # fmt: skip

    @pytest.mark.parametrize(("success", "outcome"), [(True, Outcome.SUCCESS), (False, Outcome.ERROR)])
    def test_the_documented_line_reports_whether_the_call_succeeded(self, success: bool, outcome: Outcome) -> None:
        line = {
            "tool_name": "Read", "timestamp": MOMENT, "duration_ms": 2, "success": success, "parameters": {"file": "a"},
        }  # fmt: skip
        assert read(line, Phase.END) == HookRecord(
            Phase.END, "", "directory", MOMENT_US, "Read", duration_us=2000, outcome=outcome, input=b'{"file": "a"}'
        )

    def test_a_summary_is_ignored(self) -> None:
        assert read({"task_id": "t", "total_tools_used": 3, "tools_by_type": {"Bash": 3}}, Phase.END) is None

    def test_an_unknown_event_is_an_event(self) -> None:
        assert record({"hook_event_name": "MoonRise", "session_id": "s", "tool_name": "Bash"}).phase is Phase.EVENT

    def test_a_shell_command_of_a_skill_is_an_event_although_it_looks_like_a_call(self) -> None:
        command = {"tool_name": "Bash", "tool_input": {"command": "date"}, "tool_use_id": "toolu_01:preamble-0"}
        line = {"hook_event_name": "PreSkillShellCommand", **command, "command_name": "greet", "invoked_by": "claude"}
        assert record(line, Phase.START).phase is Phase.EVENT

    def test_the_event_of_a_line_takes_precedence_over_the_name_of_the_file(self) -> None:
        assert record(PAYLOAD, Phase.START).phase is Phase.END

    @pytest.mark.parametrize(
        ("file_event", "phase"),
        [("SessionStart", Phase.OPENING), ("UserPromptSubmit", Phase.OPENING), ("Stop", Phase.EVENT)],
    )
    def test_a_line_that_names_no_event_has_that_of_its_file(self, file_event: str, phase: Phase) -> None:
        line = {"session_id": "s-1", "timestamp": MOMENT, "cwd": "/home/dev/proj", "source": "startup"}
        prompt = Prompt(PromptSource.PERSON) if file_event == "UserPromptSubmit" else None
        project = Project("/home/dev/proj", is_certain=False)
        fields: dict[str, Any] = {"project": project, "detail": "startup", "prompt": prompt}
        expected_record = HookRecord(phase, file_event, "s-1", MOMENT_US, **fields)
        assert read(line, file_event=file_event) == expected_record
        assert read({"ts": MOMENT, "payload": line}, file_event=file_event) == expected_record
        assert read({"prompt": "hi"}, file_event=file_event) is not None
        assert read(line) is None

    def test_an_event_that_the_line_names_takes_precedence_over_that_of_its_file(self) -> None:
        found = read({"hook_event_name": "Stop", "session_id": "s-1"}, file_event="SessionStart")
        assert found is not None
        assert (found.event, found.phase) == ("Stop", Phase.EVENT)

    def test_a_call_in_a_file_of_failures_has_failed(self) -> None:
        found = read({"tool": "Bash", "error": "no"}, Phase.END, file_event="PostToolUseFailure")
        assert found is not None
        assert (found.outcome, found.error) == (Outcome.ERROR, "no")
        assert read({"task_id": "t"}, Phase.END, file_event="PostToolUseFailure") is None

    @pytest.mark.parametrize("name", ["PreToolUse", "pre_tool_use", "preToolUse"])
    def test_the_spellings_of_an_event_have_one_name(self, name: str) -> None:
        found = record({"hook_event_name": name, "tool_name": "Bash"})
        assert (found.event, found.phase) == ("PreToolUse", Phase.START)

    def test_unknown_keys_are_skipped(self) -> None:
        assert read({**PAYLOAD, "novelty": {"deep": [1, "x"]}, "": 1, "é": None}) == expected()

    def test_a_batch_lists_its_calls(self) -> None:
        line = {
            "hook_event_name": "PostToolBatch", "session_id": "s-1",
            "tool_calls": [
                {"tool_name": "Bash", "tool_use_id": "t-1", "tool_response": "This command requires approval"},
                {"tool_name": "Agent", "tool_use_id": "t-2", "tool_response": [{"type": "text", "text": "x"}]},
                {"tool_name": "Bash", "tool_use_id": "", "tool_response": "x"},
                {"tool_name": None, "tool_use_id": 3},
            ],
        }  # fmt: skip
        assert record(line).batch == (
            BatchedCall("Bash", "t-1", "This command requires approval"),
            BatchedCall("Agent", "t-2", ""),
            BatchedCall("", "3", ""),
        )

    @pytest.mark.parametrize("key", ["source", "trigger", "reason"])
    def test_an_event_has_one_detail(self, key: str) -> None:
        assert record({"hook_event_name": "X", key: "why", "prompt_id": "p"}).detail == "why"

    def test_the_id_of_a_prompt_is_not_a_detail(self) -> None:
        assert record({"hook_event_name": "PreCompact", "prompt_id": "p"}).detail == ""


class TestAliases:
    @pytest.mark.parametrize(
        ("field", "names", "values"),
        [
            ("tool", ["tool_name", "tool", "toolName"], ["a", "b", "c"]),
            ("session", ["session_id", "session_uuid", "sessionId"], ["a", "b", "c"]),
            ("call_id", ["tool_use_id", "toolUseId"], ["a", "b"]),
            ("agent_id", ["agent_id", "agentId"], ["a", "b"]),
            ("agent", ["agent_type", "agentType", "agent"], ["a", "b", "c"]),
            ("duration_us", ["duration_ms", "durationMs", "duration"], [1000, 2000, 3000]),
            ("time_us", ["logged_at", "timestamp", "ts"], [MOMENT_US, MOMENT_US + 1, MOMENT_US + 2]),
            ("input", ["tool_input", "toolInput", "parameters", "params"], [b"1", b"2", b"3", b"4"]),
            ("detail", ["source", "trigger", "reason"], ["a", "b", "c"]),
        ],
    )
    def test_each_alias_is_read_and_the_first_one_with_a_value_wins(
        self, field: str, names: list[str], values: list[Any]
    ) -> None:
        def written(value: Any) -> Any:
            return value // 1000 if field == "duration_us" else int(value) if isinstance(value, bytes) else value

        for start in range(len(names)):
            line: dict[str, Any] = {"hook_event_name": "PostToolUse", "tool_name": "Bash"} if field != "tool" else {}
            line |= {"agent_id": "a"} if field == "agent" else {}
            line |= {name: written(value) for name, value in zip(names[start:], values[start:], strict=True)}
            line |= {name: None for name in names[:start] if name not in line}
            assert getattr(record(line), field) == values[start]

    @pytest.mark.parametrize("name", ["hook_event_name", "hookEventName"])
    def test_the_event_has_two_names(self, name: str) -> None:
        assert record({name: "Stop"}).event == "Stop"

    def test_a_value_of_the_wrong_type_is_skipped_for_the_next_alias(self) -> None:
        line = {
            "tool_name": ["x"], "tool": "Bash", "session_id": {"a": 1}, "session_uuid": "s-1", "tool_use_id": True,
            "toolUseId": "t-1", "logged_at": "yesterday", "timestamp": MOMENT, "tool_input": None, "params": [1],
            "duration_ms": "soon", "durationMs": 5,
        }  # fmt: skip
        assert read(line, Phase.END) == HookRecord(
            Phase.END, "", "s-1", MOMENT_US, "Bash", "t-1", duration_us=5000, outcome=Outcome.SUCCESS, input=b"[1]"
        )

    def test_an_id_need_not_be_a_uuid(self) -> None:
        found = record({"tool": "Bash", "session_id": "main session/é #1", "tool_use_id": 7, "agent_id": "a\tb"})
        assert (found.session, found.call_id, found.agent_id) == ("main session/é #1", "7", "a\tb")

    def test_a_call_id_has_no_newlines_because_they_separate_ids_in_the_ledger(self) -> None:
        assert record({"tool": "Bash", "tool_use_id": "a\nb"}).call_id == "a b"
        batch = {"hook_event_name": "PostToolBatch", "tool_calls": [{"tool_use_id": "a\nb"}]}
        assert record(batch).batch[0].call_id == "a b"

    def test_a_line_without_a_session_belongs_to_that_of_its_directory(self) -> None:
        assert record({"tool": "Bash"}).session == "directory"
        for nothing in (None, "", ["s-1"], True):
            assert record({"tool": "Bash", "session_id": nothing}).session == "directory"

    def test_an_agent_without_an_id_is_main_and_one_without_a_type_is_unnamed(self) -> None:
        assert record({"tool": "Bash"}).agent == "main"
        assert record({"tool": "Bash", "agent_id": "a"}).agent == "unnamed"

    def test_the_main_agent_may_have_a_type(self) -> None:
        line = {"hook_event_name": "PreToolUse", "tool_name": "Bash", "agent_type": "chef"}  # claude --agent chef
        assert record(line).agent == "main"
        assert record({**line, "agent_id": "a"}).agent == "chef"

    @pytest.mark.parametrize("text", ["null", '"ls"', '["a",  1]', '{"a" :1}', "0", "false"])
    def test_an_input_keeps_its_bytes(self, text: str) -> None:
        found = record(f'{{"tool":"Bash","tool_input":{text}}}'.encode())
        assert found.input == (b"" if text == "null" else text.encode())

    @pytest.mark.parametrize("value", [-1, 31 * 86_400_000 + 1, 1e12, 1e300, True, "11", None, [], {}, 10**300])
    def test_an_invalid_duration_is_unknown(self, value: object) -> None:
        assert record({"tool": "Bash", "duration_ms": value}).duration_us is None

    def test_a_duration_is_read_to_the_microsecond(self) -> None:
        assert record({"tool": "Bash", "duration_ms": 0.0015}).duration_us == 2
        assert record({"tool": "Bash", "duration_ms": 0}).duration_us == 0
