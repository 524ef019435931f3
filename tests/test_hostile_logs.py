"""Every command in a terminal, with logs whose texts would control it: none of them arrives raw, nor on a page."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from exporter.reports.cost_groups import GROUPS
from tests.chatserver.started import answers
from tests.e2e.processes import wait_for
from tests.fakes import claude
from tests.support.commands import every_command
from tests.support.hookmeter_process import CAUGHT_UP, Home
from tests.support.page import fetch
from tests.support.synthetic_logs import append, background, call, event, iso, now_us
from tests.support.terminals import running_in_terminal, typescript
from tests.support.transcript_lines import assistant_line, compaction_line, prompt_line, result_line, use_line, write

# It sets the title, clears the screen, forges a line, and hides, reorders and joins characters; without a NUL and a
# slash, it can also be the name of a file.
HOSTILE = "\x1b]0;x\x07\x1b[2J\x1b[31m\x9b1A\t\r\nERROR forged\x08\x7f\u202elive\u2066\u200b\u200d\u2028\u2029\ufeff."
SHOWN = "ERROR forged"
SESSION = f"s1 {HOSTILE}"
COMMANDS_WITHOUT_LOGS = {
    f"hookmeter {words}"
    for words in (
        "dashboards build", "dashboards check", "dashboards write", "stack write", "completion", "config show",
        "backup", "restore", "migrate-data", "service install", "service uninstall", "uninstall",
        "statusline", "mcp",  # which another program asks, by standard input, and answers in numbers or JSON
    )
}  # fmt: skip
PROJECT = f"/home/dev/{HOSTILE}"


def everything(now: int) -> dict[str, Any]:
    """The fields of a line that are hostile, with its time."""
    return {"cwd": PROJECT, "gitBranch": HOSTILE, "version": HOSTILE, "agentId": HOSTILE, "timestamp": iso(now)}


def write_hooks(root: Path, now: int) -> None:
    """A session of which everything is hostile: names, errors, and the directory of its logs."""
    common: dict[str, Any] = {"cwd": PROJECT, "agent_id": HOSTILE, "agent_type": HOSTILE}
    event(root, SESSION, "SessionStart", now - 9_000_000, cwd=PROJECT, source=HOSTILE)
    event(root, SESSION, "UserPromptSubmit", now - 8_000_000, prompt=HOSTILE, **common)
    event(root, SESSION, "SubagentStart", now - 7_500_000, **common)
    event(root, SESSION, "PermissionRequest", now - 7_000_000, tool_name=HOSTILE, **common)
    call(root, SESSION, now - 6_000_000, tool=HOSTILE, error=f"{HOSTILE} timed out", **common)
    call(root, SESSION, now - 5_000_000, tool=f"mcp__{HOSTILE}", took_ms=None, **common)
    background(root, SESSION, now - 4_000_000)
    event(root, SESSION, "PreCompact", now - 3_000_000, trigger=HOSTILE, **common)
    undated = {"session_id": "s2", "tool": HOSTILE}
    append(root / "s2" / "pre_tool_use.jsonl", f"{HOSTILE} is no JSON", json.dumps(undated))
    (root / "rate_limits.json").write_text(json.dumps({"windows": {"five_hour": HOSTILE, HOSTILE: 1}}))


def write_transcripts(projects: Path, now: int) -> None:
    """The transcript of the same session, and one of another, in a directory with a hostile name."""
    fields = {**everything(now - 2_000_000), "sessionId": SESSION}
    origin: dict[str, Any] = {"attributionSkill": HOSTILE, "attributionMcpServer": HOSTILE, "attributionAgent": HOSTILE}
    usage = {"input_tokens": 10, "output_tokens": 5, "speed": HOSTILE, "inference_geo": HOSTILE}
    write(
        projects / f"-home-dev-{HOSTILE}" / f"{SESSION}.jsonl",
        prompt_line(HOSTILE, **fields),
        use_line(1, f"toolu_{HOSTILE}", HOSTILE, model=f"claude-{HOSTILE}", **fields, **origin),
        result_line(f"toolu_{HOSTILE}", error=HOSTILE, **fields),
        assistant_line(2, usage, model=HOSTILE, **fields, **origin),
        assistant_line(3, usage, model="claude-opus-4-6", **fields, **origin, isSidechain=True),
        compaction_line(HOSTILE, **fields),
        json.dumps({"type": "custom-title", "customTitle": HOSTILE, "sessionId": SESSION}) + "\n",
        f'{{"usage": "{HOSTILE}\n',
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that is hostile itself: every path that a command names is."""
    path = tmp_path / f"home {HOSTILE}"
    managed = path / "managed-settings.json"
    now = now_us()
    write_hooks(path / "logs" / "sessions", now)
    write_transcripts(path / ".claude" / "projects", now)
    settings = {"hooks": {HOSTILE: [{"matcher": HOSTILE, "hooks": [{"type": "command", "command": HOSTILE}]}]}}
    (path / ".claude" / "settings.json").write_text(json.dumps(settings))
    managed.write_text(json.dumps({"modelPricing": {HOSTILE: {HOSTILE: HOSTILE}}}))
    (path / "prices.json").write_text(json.dumps({HOSTILE: HOSTILE}))
    data = {"HOOKMETER_DATA_DIR": str(path / "data"), "HOOKMETER_SESSIONS_DIR": str(path / "logs" / "sessions")}
    return Home(path, data)


def raw_characters(text: str) -> set[str]:
    """The characters that a terminal would not just show."""
    return {character for character in text if character != "\n" and not character.isprintable()}


def forged_lines(text: str) -> list[str]:
    """The lines that begin as the hostile text wants one to begin."""
    return [line for line in text.splitlines() if line.startswith(SHOWN)]


def check(text: str) -> None:
    assert raw_characters(text) == set()
    assert forged_lines(text) == []


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("sessions",),
    ("sessions", "s1"),
    ("sessions", "s"),
    ("sessions", HOSTILE),
    ("sessions", "--since", HOSTILE),
    ("sessions", "--sessions-dir", HOSTILE, "--transcripts-dir", HOSTILE),
    ("sessions", "s1", "--json"),
    ("sessions", "s1", "--csv"),
    ("sessions", "s1", "--markdown"),
    *(("cost", "--by", group.replace("_", "-")) for group in GROUPS),
    ("cost", "--by", "agent", "--csv"),
    ("cost", "--json"),
    ("cost", "--prices", "prices.json"),
    ("cost", "--profile", HOSTILE),
    ("cost", "--by", HOSTILE),
    ("cost", "--by", "model,agent,branch", "--breakdown"),
    ("cost", "--timezone", HOSTILE),
    *(("cost", f"--{kind}", HOSTILE) for kind in ("project", "model", "agent", "session", "since", "until")),
    ("search", HOSTILE),
    ("search", "marker", "--project", HOSTILE, "--json"),
    ("forget", HOSTILE, "--yes"),
    ("code", "--by", "project,language"),
    ("code", "--by", HOSTILE),
    ("quota",),
    ("digest",),
    ("digest", "--format", "markdown"),
    ("digest", "--since", HOSTILE),
    ("wait", "--timeout", "0"),
    ("wait", "--timeout", HOSTILE),
    ("backfill",),
    ("backfill", "--output", f"{HOSTILE}/history.om"),
    ("doctor",),
    ("hooks", "install"),
    ("hooks", "status"),
    ("hooks", "uninstall"),
    ("hooks", "status", "--settings", HOSTILE),
    ("users", "add", HOSTILE),
    ("users", "passwd", HOSTILE),
    ("users", "remove", HOSTILE),
    ("users", "promote", HOSTILE),
    ("users", "demote", HOSTILE),
    ("users", "list"),
    (HOSTILE,),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: ascii(" ".join(words))[1:40])
def test_a_command_shows_no_text_raw(home: Home, words: tuple[str, ...]) -> None:
    _, text = typescript(home, *words)
    check(text)
    assert text


def test_the_hostile_texts_arrive_in_what_the_commands_show(home: Home) -> None:
    for words in (
        ("sessions",),
        ("sessions", "s1"),
        ("sessions", "s1", "--markdown"),
        ("cost", "--by", "agent", "--csv"),
        ("doctor",),
    ):
        assert SHOWN in typescript(home, *words)[1], words


def test_a_ledger_that_remembers_deleted_sessions_shows_no_text_raw(home: Home) -> None:
    with home.exporting():
        pass
    for transcript in (home.path / ".claude" / "projects").glob("*/*.jsonl"):
        transcript.unlink()
    for words in (("sessions", "s1"), ("cost", "--by", "session"), ("backfill",), ("doctor",)):
        _, text = typescript(home, *words)
        check(text)


def test_the_exporter_shows_no_text_raw_and_exports_none(home: Home) -> None:
    with running_in_terminal(home, 120, "exporter", "--metrics-listen", "127.0.0.1:0") as (terminal, process):
        address = terminal.wait_for(r"serves (http://\S+)/metrics")[1]
        terminal.wait_for(CAUGHT_UP)
        page = fetch(f"{address}/metrics")
        request = urllib.request.Request(f"{address}/metrics", headers={"Accept": openmetrics.CONTENT_TYPE_LATEST})
        with urllib.request.urlopen(request, timeout=60) as response:
            exemplars = response.read().decode()
        process.send_signal(signal.SIGTERM)
    check(terminal.unstyled)
    check(page)
    check(exemplars)
    samples = [sample for family in text_string_to_metric_families(exemplars) for sample in family.samples]  # type: ignore[no-untyped-call]
    assert sum(SHOWN in value for sample in samples for value in sample.labels.values()) > 10
    assert any(SHOWN in sample.exemplar.labels["session_id"] for sample in samples if sample.exemplar)


def test_a_history_has_no_text_raw(home: Home) -> None:
    hour = 3600 * 1_000_000
    write_hooks(home.sessions, now_us() - 9 * hour)
    typescript(home, "backfill", "--output", "history.om")
    history = (home.path / "history.om").read_text()
    assert SHOWN in history
    check(history)


@pytest.mark.parametrize("command", ["server", "run"])
def test_the_server_shows_and_logs_no_text_raw(home: Home, command: str) -> None:
    exporter = ("--metrics-listen", "127.0.0.1:0") if command == "run" else ()
    words = ("--listen", "127.0.0.1:0", "--claude", claude.install(home.path), *exporter)
    with running_in_terminal(home, 120, command, *words) as (terminal, process):
        address = terminal.wait_for(r"hookmeter serves (http://[^\s/]+)/\s")[1]
        wait_for(lambda: answers(address), "the server to answer")
        for path in ("/api/tasks/%1b%5d0;x%07%0a%e2%80%ae", "/metrics", "/%1b[2J%0d%0aERROR%20forged"):
            try:
                check(fetch(address + path, 30))
            except urllib.error.HTTPError as error:
                error.close()
        process.send_signal(signal.SIGTERM)
    check(terminal.unstyled)


def test_every_command_is_tried() -> None:
    tried = [" ".join(("hookmeter", *words, "")) for words in (*COMMANDS, ("exporter",), ("server",), ("run",))]
    left_out = {name for name, _ in every_command() if not any(words.startswith(f"{name} ") for words in tried)}
    assert left_out == COMMANDS_WITHOUT_LOGS
