"""The server's settings, from flags and variables."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from chatserver.accounts.key_handover import leave_key
from chatserver.options import OPTIONS, server_options, settings_from_environment, variable
from chatserver.settings import DEFAULT_ORIGINS, ServerSettings
from exporter.web.listen_address import ListenAddress

KEY = "k" * 32
Run = Callable[..., tuple[Result, ServerSettings | None]]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("HOOKMETER_", "JWT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOOKMETER_DATA_DIR", str(tmp_path / "data"))


def run(*words: str) -> tuple[Result, ServerSettings | None]:
    seen: list[ServerSettings] = []
    command = click.command("server")(server_options(seen.append))
    result = CliRunner().invoke(command, words)
    return result, seen[0] if seen else None


def test_without_options_it_serves_this_machine_alone(tmp_path: Path) -> None:
    settings = settings_from_environment()
    assert settings.listen == ListenAddress("127.0.0.1", 3000)
    assert settings.database_url == f"sqlite:///{tmp_path}/data/server.sqlite3"
    assert not settings.production
    assert settings.registration
    assert settings.origins == DEFAULT_ORIGINS
    assert settings.tasks.slots == 3
    assert settings.tasks.workspaces == (Path.cwd(),)
    assert settings.secret_key is None  # the data directory keeps one, once the server starts


def test_every_setting_has_a_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "HOOKMETER_ENV": "production",
        "HOOKMETER_SECRET_KEY_FILE": str(tmp_path / "key"),
        "HOOKMETER_LISTEN": "0.0.0.0:80",
        "HOOKMETER_DATABASE_URL": "postgresql://me@db/hookmeter",
        "HOOKMETER_ORIGIN": "https://a.example https://b.example:8443",
        "HOOKMETER_HOST": "A.example b.example",
        "HOOKMETER_PROXIES": "1",
        "HOOKMETER_CLAUDE": "/opt/claude",
        "HOOKMETER_WORKSPACE": f"{tmp_path}/one:{tmp_path}/two",
        "HOOKMETER_TASK_USER": "61234",
        "HOOKMETER_SLOTS": "7",
        "HOOKMETER_TASK_MODEL": "sonnet",
        "HOOKMETER_PERMISSION_MODE": "plan",
        "HOOKMETER_ALLOW_MODEL": "opus haiku",
        "HOOKMETER_ALLOW_PERMISSION_MODE": "manual auto",
        "HOOKMETER_TASK_TIMEOUT": "60",
        "HOOKMETER_MAX_BUDGET_USD": "1.50",
        "HOOKMETER_MAX_TURNS": "9",
    }
    assert {variable(name) for name in OPTIONS} == given.keys()
    (tmp_path / "key").write_text(f"{KEY}\n")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = settings_from_environment()
    assert settings.production
    assert not settings.registration
    assert settings.secret_key == KEY.encode()
    assert str(settings.listen) == "0.0.0.0:80"
    assert settings.database_url == "postgresql+psycopg://me@db/hookmeter"
    assert settings.origins == ("https://a.example", "https://b.example:8443")
    assert settings.hosts == ("a.example", "b.example")
    assert settings.proxies == 1
    assert settings.tasks.claude == "/opt/claude"
    assert settings.tasks.workspaces == (tmp_path / "one", tmp_path / "two")
    assert (settings.tasks.user and settings.tasks.user.uid) == 61234
    assert (settings.tasks.slots, settings.tasks.model, settings.tasks.permission_mode) == (7, "sonnet", "plan")
    assert settings.tasks.allowed_models == ("sonnet", "opus", "haiku")
    assert settings.tasks.allowed_modes == ("plan", "manual", "auto")
    assert (settings.tasks.timeout_seconds, settings.tasks.max_turns) == (60, 9)
    assert settings.tasks.max_budget == 1_500_000_000_000


@pytest.mark.parametrize("listen", ["0.0.0.0:3000", ":3000", "[::]:3000", "192.0.2.1:3000", "example.org:3000"])
def test_what_others_can_reach_is_refused_without_production_settings(listen: str) -> None:
    result, settings = run("--listen", listen)
    assert settings is None
    assert result.exit_code == 2
    assert "can be reached from other machines" in result.stderr
    assert len([line for line in result.stderr.splitlines() if line.startswith("Error")]) == 1


def test_production_wants_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    result, settings = run("--env", "production")
    assert settings is None
    assert result.exit_code != 0
    assert result.stderr.startswith("Error: neither --secret-key-file nor JWT_SECRET_KEY is set")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--env", "prod"),
        ("--origin", "example.org"),
        ("--origin", "https://example.org/"),
        ("--origin", "*"),
        ("--host", "example.org:3000"),
        ("--host", ""),
        ("--slots", "0"),
        ("--permission-mode", "yolo"),
        ("--max-budget-usd", "-1"),
        ("--proxies", "-1"),
        ("--listen", "3000"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_option(option: str, value: str) -> None:
    result, settings = run(option, value)
    assert settings is None
    assert result.exit_code == 2
    assert option in result.stderr


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_key(KEY.encode())
    monkeypatch.setenv("HOOKMETER_DATABASE_URL", "postgresql://me:hunter2@db/hookmeter")
    settings = settings_from_environment()
    assert "hunter2" not in repr(settings)
    assert KEY not in repr(settings)
