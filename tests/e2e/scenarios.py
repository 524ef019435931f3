"""What the scripted model asks Claude Code for, and how that must end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.e2e.scripted_api import NEWEST_TASK, Script, Use

# How the calls of a script end, so that a scenario that says nothing is noticed.
ENDS: Mapping[str, Mapping[str, int]] = {
    "tour": {"success": 4, "error": 3, "denied": 1},
    "delegate": {"success": 5, "error": 2, "denied": 1},
    "denied": {"denied": 7, "error": 1},
    "invalid": {"success": 1, "error": 6},
    "overloaded": {"success": 1},
    "background": {"success": 4},
}

UNTIL_AWAKE = "until [ -e awake ]; do sleep 0.1; done"  # ends when a test says so

CACHED = {
    "input_tokens": 1234,
    "output_tokens": 567,
    "cache_read_input_tokens": 8910,
    "cache_creation_input_tokens": 1000,
    "cache_creation": {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 400},
    "service_tier": "standard",
}
ADVISED = [
    {"type": "message", **CACHED},
    {"type": "advisor_message", **CACHED, "model": "claude-opus-5-5", "input_tokens": 4321, "output_tokens": 99},
    {"type": "message", **{name: 0 for name in CACHED if name.endswith("_tokens")}},
]


def scripts(project: Path) -> dict[str, Script]:
    """All scripts, for a Claude Code that works in this directory."""
    written, missing, outside = f"{project}/written.txt", f"{project}/missing.txt", f"{project.parent}/outside"
    fetch = Use("WebFetch", {"url": "http://127.0.0.1:9/", "prompt": "Read it"})
    until_started = bash("until [ -e started ]; do sleep 0.1; done")  # of another command
    edit = {"file_path": written, "new_string": "line two"}
    return {
        "tour": Script((
            (bash("echo hello; sleep 0.1"),),
            (Use("Write", {"file_path": written, "content": "line one\nline 2\n"}),),
            (Use("Read", {"file_path": written}), Use("Read", {"file_path": missing})),
            (Use("Edit", {**edit, "old_string": "line 2"}),),
            (Use("Edit", {**edit, "old_string": "line 3"}),),
            (bash("false"),),
            (fetch,),
        )),
        "delegate": Script((
            (agent("general-purpose", "worker"), agent("Explore", "explorer")),
            (bash("echo parent"),),
        )),
        "worker": Script(((bash("sleep 0.1"), bash("false")), (bash("echo worker"),))),
        "explorer": Script(((Use("Read", {"file_path": missing}),), (fetch,))),
        "nested": Script(((agent("general-purpose", "middle"),),)),
        "middle": Script(((agent("Explore", "quick"),), (bash("false"),))),
        "quick": Script(((bash("echo quick"),),)),
        "denied": Script((
            (Use("Read", {"file_path": f"{outside}.txt"}),),
            (Use("Write", {"file_path": outside, "content": "x"}),),
            (bash("curl http://127.0.0.1:9/"), bash("echo forbidden")),
            (bash(f"rm -rf {outside}"),),
            (bash(f"echo > {outside}"),),
            (bash("echo $(whoami)"),),
            (agent("Plan", "quick"),),
        )),
        "invalid": Script((
            (Use("NoSuchTool", {"some": 1}),),
            (Use("Bash", {"cmd": "echo"}),),
            (bash("echo valid"), Use("Bash", {"cmd": "echo"}), Use("Read", {"file_path": 3}), Use("NoSuchTool", {})),
            (agent("nobody", "quick"),),
        )),
        "overloaded": Script(((bash("echo recovered"),),), overloaded=2),
        "background": Script((
            (bash("echo behind", run_in_background=True),),
            (agent("Explore", "quick", run_in_background=True),),
            (bash("sleep 0.5"),),
        )),
        "failing-command": Script(((bash("sleep 1; exit 3", run_in_background=True),), (bash("sleep 2"),))),
        "left-command": Script(((bash("sleep 2", run_in_background=True),),)),
        "stopped-command": Script((
            (bash("touch started; sleep 300", run_in_background=True),),
            (until_started,),
            (Use("TaskStop", {"task_id": NEWEST_TASK}),),
        )),
        "server": Script((
            (bash("touch serving; sleep 300", run_in_background=True),),
            (agent("Explore", "slow", run_in_background=True),),
        )),
        "finished-agent": Script(((agent("Explore", "busy", run_in_background=True),), (bash("echo meanwhile"),))),
        "awaited-agent": Script(((agent("Explore", "busy", run_in_background=False),),)),
        "stopped-agent": Script((
            (agent("Explore", "slow", run_in_background=True),),
            (until_started,),
            (Use("TaskStop", {"task_id": NEWEST_TASK}),),
        )),
        "resumed-agent": Script((
            (agent("Explore", "busy", run_in_background=True),),
            (bash("sleep 4"),),
            (message(NEWEST_TASK, "quick"),),
            (bash("sleep 2"),),
        )),
        "three-agents": Script((
            (agent("Explore", "slow", run_in_background=True),),
            (agent("general-purpose", "busy", run_in_background=True),),
            (agent("Plan", "quick", run_in_background=True),),
            (until_started,),
            (Use("TaskStop", {"task_id": "{task:0}"}),),
            (bash("sleep 3"),),
            (message("{task:2}", "quick"), message("{task:0}", "quick")),
            (bash("sleep 2"),),
        )),
        "left-agent": Script(((agent("Explore", "sleepy", run_in_background=True),),)),
        "called-agent": Script(((message("{task:0}", "sleepy"),), (bash("sleep 2"),))),
        "dying-agent": Script(((agent("Explore", "down", run_in_background=True),), (bash("echo meanwhile"),))),
        "stopped-family": Script((
            (agent("general-purpose", "patient", run_in_background=True),),
            (until_started,),
            (Use("TaskStop", {"task_id": NEWEST_TASK}),),
        )),
        "patient": Script(((agent("Explore", "slow", run_in_background=False),),)),
        "agents-command": Script(((agent("general-purpose", "launcher", run_in_background=True),), (bash("sleep 3"),))),
        "launcher": Script(((bash("sleep 1; exit 4", run_in_background=True),),)),
        "busy": Script(((bash("sleep 2"),),)),
        "interrupted-agent": Script(((agent("Explore", "slow", run_in_background=False),),)),
        "forking-agent": Script(((agent("fork", "cached"), bash("sleep 1; false")), (bash("sleep 2"),))),
        "teaming": Script((
            (agent("Explore", "cached", name="ann"),),
            (bash("sleep 2"),),
            (message("ann", "quick"),),
            (bash("sleep 2"),),
        )),
        "cooking": Script(((agent("cook", "quick"),),)),
        "monitored": Script((
            (tools("Monitor"),),
            (Use("Monitor", {"description": "It", "command": "echo 1; sleep 0.5; echo 2", "timeout_ms": 5000}),),
            (bash("sleep 2"),),
        )),
        "slow-making": Script(((bash(f"mkdir made; {UNTIL_AWAKE}"),),)),
        "sleepy": Script(((bash(f"touch asleep; {UNTIL_AWAKE}"),),)),
        "both-behind": Script((
            (agent("Explore", "quick"), bash(f"{UNTIL_AWAKE}; exit 3", run_in_background=True)),
            (bash("echo meanwhile"),),
        )),
        "asking": Script(((question("Which colour?", "Red", "Blue"),), (bash("echo chosen"),))),
        "making": Script(((bash("mkdir made"),),)),
        "remaking": Script(((bash("mkdir remade"),),)),
        "cached": Script(((bash("echo cached"),),), usage=CACHED),
        "searching": Script(((bash("echo found"),),), usage={**CACHED, "server_tool_use": {"web_search_requests": 3}}),
        "advised": Script(((bash("echo advised"),),), usage={**CACHED, "iterations": ADVISED}),
        "large": Script(((bash("echo large"),),), usage={**CACHED, "input_tokens": 150_000}),
        "lengthy": Script(((bash("echo 1"),), (bash("echo 2"),)), usage={**CACHED, "cache_read_input_tokens": 150_000}),
        "fast": Script(((bash("echo fast"),),), usage={**CACHED, "speed": "fast"}),
        "american": Script(((bash("echo us"),),), usage={**CACHED, "inference_geo": "us"}),
        "family": Script(((agent("general-purpose", "child"),), (bash("false"),)), usage=CACHED),
        "child": Script(((agent("Explore", "searching"),), (bash("echo child"),)), usage={**CACHED, "input_tokens": 7}),
        "skilled": Script(((Use("Skill", {"skill": "greet"}),), (bash("echo after"),))),
        "listed": Script((
            (todo("Create", subject="a", description="a"), todo("Create", subject="b", description="b")),
            (todo("Update", taskId="1", status="completed"),),
            (todo("Update", taskId="2", status="completed"),),
        )),
        "websearch": Script((
            (tools("WebSearch"),),
            (Use("WebSearch", {"query": "tea prices"}),),
        ), usage=CACHED),
        "aside": Script((), last_words="By the way."),
        "down": Script((), overloaded=1000),
        "slow": Script(((bash("touch started; sleep 300"),),), usage=CACHED),
        "long": Script(((bash("touch started; sleep 20"),),)),
    }  # fmt: skip


def bash(command: str, **more: object) -> Use:
    """A shell command."""
    return Use("Bash", {"command": command, "description": "One step", **more})


def question(text: str, *answers: str) -> Use:
    """A question to the person at the terminal."""
    options = [{"label": answer, "description": answer} for answer in answers]
    return Use(
        "AskUserQuestion",
        {"questions": [{"question": text, "header": "One", "multiSelect": False, "options": options}]},
    )


def tools(name: str) -> Use:
    """A search for a tool whose input the model does not know yet."""
    return Use("ToolSearch", {"query": f"select:{name}", "max_results": 3})


def todo(action: str, **given: object) -> Use:
    """A change of the list of things to do."""
    return Use(f"Task{action}", given)


def message(task: str, script: str) -> Use:
    """A message to a sub-agent, which resumes it if it has ended."""
    return Use("SendMessage", {"to": task, "message": f"script:{script}", "summary": "More"})


def agent(kind: str, script: str, **more: object) -> Use:
    """A sub-agent that follows a script of its own."""
    return Use("Agent", {"description": "A part", "prompt": f"script:{script}", "subagent_type": kind, **more})
