"""Tasks that run as another account than the server's: they reach neither its key nor its database, and are metered."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from chatserver.storage.database import open_database
from chatserver.task_user import TaskUser
from chatserver.tasks.records import TaskStatus
from exporter.hooks import entries
from exporter.hooks.recorders import recorders
from tests.chatserver.started import Started, started
from tests.chatserver.tasks.place import Place, ask
from tests.chatserver.tasks.place import ended as finished
from tests.e2e.processes import free_port, wait_for
from tests.e2e.scripted_api import Script, Use
from tests.e2e.workplace import Workplace
from tests.support.other_account import UID, give, open_directory, other_account, usable
from tests.support.page import fetch, samples_of

KEY = "a key of the tests that is long enough"
# The capabilities of the server in its container, where it is root, and in its systemd unit, where it is not.
CONTAINER = "setuid,+setgid,+kill,+dac_override"
UNIT = "setuid,+setgid,+kill,+dac_read_search"
SERVER_UID = UID + 1
PREFIXES = {
    "root": (),
    "container": (f"--bounding-set=-all,+{CONTAINER}", "--inh-caps=-all", "--"),
    "unit": (
        f"--reuid={SERVER_UID}", f"--regid={SERVER_UID}", "--clear-groups", f"--inh-caps=-all,+{UNIT}",
        f"--ambient-caps=-all,+{UNIT}", f"--bounding-set=-all,+{UNIT}", "--",
    ),
}  # fmt: skip
# Everything that a task could try, each attempt with what it would show.
ATTEMPTS = {
    "who it is": "id -u; grep CapEff /proc/self/status",
    "processes": (
        'for pid in $(pgrep -f chatserver); do for name in environ mem maps fd/3 fd/4 fd/5; do'
        ' head -c 4096 "/proc/$pid/$name"; done; done'
    ),
    "its parents": 'cat "/proc/$PPID/environ" /proc/1/environ; kill -9 {server}',
    "files": "cat {data}/server.sqlite3 {data}/server.sqlite3-wal {data}/secret.key {data}/ledger.sqlite3 {key}",
    "writing": "echo x > {data}/server.sqlite3; touch {data}/server.sqlite3-journal; mv {data} {data}.away",
    "the server": (
        "exec 3<>/dev/tcp/127.0.0.1/{port};"
        ' printf "GET /api/tasks HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n" >&3; cat <&3'
    ),
    "registration": (
        "exec 3<>/dev/tcp/127.0.0.1/{port}; body='{{\"name\": \"eve\", \"password\": \"correct horse battery\"}}';"
        ' printf "POST /api/auth/register HTTP/1.0\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\n'
        'Content-Length: %d\\r\\n\\r\\n%s" ${{#body}} "$body" >&3; cat <&3'
    ),
    "variables": "env",
}  # fmt: skip


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory that the account reaches."""
    with open_directory() as directory:
        yield directory


@pytest.fixture
def account(workplace: Workplace) -> Iterator[TaskUser]:
    """The account, which owns the project, its home, and the directory of logs."""
    found = other_account(workplace.directory / "home")
    recorder = replace(recorders()[0], script=Path(shutil.copy(recorders()[0].script, workplace.directory)))
    settings = entries.with_recorder({}, lambda event: recorder.command(workplace.sessions, event))
    (workplace.project / ".claude" / "settings.json").write_text(json.dumps(settings))
    workplace.sessions.mkdir()
    for private in (workplace.directory / "home", workplace.sessions):
        private.chmod(0o700)
    give(workplace.project, workplace.directory / "home", workplace.sessions)
    yield found
    for own in (f"/tmp/claude-{UID}", f"/tmp/cc-socks-{UID}"):
        shutil.rmtree(own, ignore_errors=True)


@contextmanager
def serving(workplace: Workplace, account: TaskUser, kind: str) -> Iterator[Started]:
    """`hookmeter run` with tasks of the account; the server is root, or what it is in its container."""
    directory = workplace.directory
    (directory / "data").mkdir(mode=0o755)
    if kind == "unit":
        os.chown(directory / "data", SERVER_UID, SERVER_UID)
    options = {
        "CLAUDE": usable(account, Path(workplace.cli), directory),
        "WORKSPACE": workplace.project,
        "SESSIONS_DIR": workplace.sessions,
        "DATA_DIR": directory / "data",
        "LISTEN": f"127.0.0.1:{free_port()}",
        "METRICS_LISTEN": "127.0.0.1:0",
        "PERMISSION_MODE": "bypassPermissions",  # refused as root
        "TASK_USER": UID,
    }
    environment = {**os.environ, **workplace.environment}
    environment |= {f"HOOKMETER_{option}": str(value) for option, value in options.items()}
    environment |= {"JWT_SECRET_KEY": KEY, "CREDENTIALS_DIRECTORY": "/run/credentials/hookmeter"}
    prefix = [account.setpriv, *PREFIXES[kind]] if PREFIXES[kind] else []
    with started(environment, "run", addresses=2, prefix=prefix) as running:
        yield running


@pytest.mark.parametrize("kind", PREFIXES)
def test_a_task_reaches_neither_key_nor_database_and_is_metered_to_the_digit(
    workplace: Workplace, account: TaskUser, kind: str
) -> None:
    with serving(workplace, account, kind) as server:
        port, directory = server.addresses[-1].rpartition(":")[2], workplace.directory
        places = {"data": directory / "data", "key": directory / "key", "port": port, "server": server.process.pid}
        (directory / "key").touch(0o600)
        attempts = [Use("Bash", {"command": f"timeout 20 bash -c '{as_argument(text.format(**places))}' 2>&1"})
                    for text in ATTEMPTS.values()]  # fmt: skip
        workplace.api.add("thief", Script([[attempt] for attempt in attempts]))
        token = server.registered()
        task_id = server.ask("/api/tasks", {"description": "script:thief"}, token)["task_id"]
        task = wait_for(lambda: ended(server, task_id, token), "the task to end")
        assert (task["status"], task["result"]) == ("completed", "Done."), task

        found = "\n".join(results(workplace))
        assert f"{UID}\nCapEff:\t0000000000000000" in found
        for secret in (KEY, "SQLite format", "JWT_SECRET_KEY", "CREDENTIALS_DIRECTORY", "uncommitted"):
            assert secret not in found
        assert found.count("Permission denied") > 10
        assert "Operation not permitted" in found
        assert " 401 UNAUTHORIZED" in found
        assert " 403 FORBIDDEN" in found
        assert server.process.poll() is None

        wait_for(lambda: total(server, 0, "claude_tool_calls_total") == len(ATTEMPTS), "all calls to be counted")
        costs = total(server, 0, "claude_cost_usd_total"), total(server, 1, "claude_task_cost_usd_total")
        assert costs == pytest.approx((task["cost_usd"], task["cost_usd"]), abs=1e-9)
        assert costs[0] > 0
        usage = server.ask(f"/api/tool_usage/{task_id}", token=token)["tool_usage"]
        assert len(usage) == len(ATTEMPTS)
    written = [*workplace.projects.glob("*/*.jsonl"), *workplace.sessions.glob("*/*.jsonl")]
    assert len(written) > 2
    assert {path.stat().st_uid for path in written} == {UID}


def test_without_hooks_tasks_of_the_account_are_recorded_as_that_account(
    workplace: Workplace, account: TaskUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorder is in a place that the account reaches, as that of an installation is."""
    (workplace.project / ".claude" / "settings.json").unlink()
    reached = replace(recorders()[0], script=workplace.directory / recorders()[0].script.name)
    monkeypatch.setattr("chatserver.tasks.recording._recorder", lambda: reached)
    (workplace.directory / "work").symlink_to(workplace.project)
    cli = usable(account, Path(workplace.cli), workplace.directory)
    with open_database(f"sqlite:///{workplace.directory}/server.sqlite3") as database:
        place = Place(workplace.directory, database, str(cli), workplace.environment, (str(workplace.projects),))
        with place.closing:
            manager, _ = place.server(user=account, permission_mode="bypassPermissions")
            task = finished(manager, ask(manager, "script:cached", model="claude-sonnet-5"))
    assert task.status is TaskStatus.COMPLETED, task.error
    events = Counter(line["hook_event_name"] for _, line in workplace.recorded())
    assert (events["SessionStart"], events["UserPromptSubmit"], events["Stop"], events["SessionEnd"]) == (1, 1, 1, 1)
    assert {path.stat().st_uid for path in workplace.sessions.glob("*/*.jsonl")} == {UID}


@pytest.mark.parametrize("kind", PREFIXES)
def test_a_task_that_is_stopped_leaves_no_process_of_the_account(
    workplace: Workplace, account: TaskUser, kind: str
) -> None:
    with serving(workplace, account, kind) as server:
        lasting = "env -i setsid sleep 600 >started 2>&1 & setsid sleep 600 & sleep 600"
        workplace.api.add("lasting", Script([[Use("Bash", {"command": lasting})]]))
        token = server.registered()
        task_id = server.ask("/api/tasks", {"description": "script:lasting"}, token)["task_id"]
        wait_for((workplace.project / "started").exists, "the command of the task")
        assert processes()
        server.ask(f"/api/tasks/stop/{task_id}", {}, token)
        task = wait_for(lambda: ended(server, task_id, token), "the task to end")
        assert task["status"] == "stopped"
        wait_for(lambda: not processes(), "all its processes to end")


def processes() -> list[int]:
    """The processes of the account."""
    found = psutil.process_iter(["uids"])  # without those that end meanwhile
    return [one.pid for one in found if one.info["uids"] and one.info["uids"].real == UID]


def as_argument(text: str) -> str:
    """A text within single quotes of a shell."""
    return text.replace("'", "'\\''")


def ended(server: Started, task_id: str, token: str) -> dict[str, object] | None:
    task: dict[str, object] = server.ask(f"/api/tasks/{task_id}", token=token)
    return task if task["finished_at"] else None


def results(workplace: Workplace) -> Iterator[str]:
    """What the calls of the task showed to the model."""
    for line in workplace.transcript_lines():
        message = json.loads(line).get("message")
        for block in message["content"] if isinstance(message, dict) and isinstance(message["content"], list) else ():
            if block["type"] == "tool_result":
                yield block["content"]


def total(server: Started, number: int, name: str) -> float:
    """The sum of a metric: of the exporter (0), or of the server (1)."""
    page = samples_of(fetch(f"{server.addresses[number]}/metrics"))
    return sum(value for (found, _), value in page.items() if found == name)
