"""`config.toml` and `hookmeter config show`: where each setting is from, and what is wrong with one."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import click
import pytest

from exporter.commands.config_file import NOT_IN_FILE, SETTINGS, name_of
from tests.support.commands import every_command
from tests.support.hookmeter_process import Home
from tests.support.page import fetch

FAULTS = {
    "slots = 0": "slots: 0 is not in the range 1<=x<=100.",
    "slotz = 1": "slotz: there is no such setting; did you mean slots?",
    "data_dir = '/x'": "data_dir: there is no such setting; did you mean data-dir?",
    "data-dir = 'here'": "data-dir: here depends on the current directory; begin it with / or ~.",
    "slots = [1, 2]": "slots: it takes one value, not a list.",
    "slots = true": "slots: true is not a value of --slots; write a text or a number.",
    "no-search = 'yes'": 'no-search: "yes" is neither true nor false.',
    "daily-budget-usd = -1": "daily-budget-usd: invalid amount '-1'; use US dollars above 0, at most 1000000.",
    "listen = 'nowhere'": "listen: ",
    "[cst]": "[cst]: there is no such command; did you mean cost?",
    "[slots]": "[slots]: it is a setting, not a command; write slots = … above all tables.",
    "by = 'day'": "by: there is no such setting for all commands; flags of one command are in",
    "sessions-dir = []": "sessions-dir: the list is empty; write at least one value, or remove the line.",
    "[run]\nlisten = '127.0.0.1:1'": "[run]: `hookmeter run` has no flags of its own; set them outside of tables.",
    "[server]\nby = 'model'": "[server] by: `hookmeter server` has no such setting; list them",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def written(home: Home, text: str) -> Home:
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text(text)
    return home


def shown(home: Home, *words: str) -> dict[str, Any]:
    result = home.run("config", "show", "--json", *words)
    assert (result.returncode, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)["settings"]
    return found


def test_every_setting_with_a_variable_can_be_in_the_file_and_no_other_is_listed() -> None:
    options = (option for _, each in every_command() for option in each.params if isinstance(option, click.Option))
    assert {name_of(option) for option in options if option.envvar} == set(SETTINGS)
    assert not set(SETTINGS) & NOT_IN_FILE


def test_a_flag_precedes_the_variable_which_precedes_the_file_which_precedes_the_default(home: Home) -> None:
    def source(home: Home, *words: str) -> tuple[list[str], str]:
        found = shown(home, *words)["label-values"]
        return found["values"], found["source"]

    assert source(home) == (["200"], "default")
    written(home, "label-values = 3")
    assert source(home) == (["3"], "file")
    with_variable = home.with_variables(HOOKMETER_LABEL_VALUES="4")
    assert source(with_variable) == (["4"], "environment")
    assert source(with_variable, "--label-values", "5") == (["5"], "flag")


def test_the_file_is_listed_with_every_setting(home: Home) -> None:
    assert list(shown(home)) == list(SETTINGS)
    assert f"{home.config} does not exist" in home.run("config", "show").stdout
    lines = written(home, 'origin = ["http://a", "http://b"]').run("config", "show").stdout.splitlines()
    assert lines[0] == str(home.config)
    assert [line.split() for line in lines if line.startswith("origin")] == [
        ["origin", "http://a,", "http://b", "file"]
    ]


def test_what_holds_without_a_value_is_shown(home: Home) -> None:
    lines = dict(line.split(maxsplit=1) for line in home.run("config", "show").stdout.splitlines())
    roots = [f"{home.path}/.claude/projects", f"{home.path}/.config/claude/projects"]
    assert shown(home)["transcripts-dir"]["values"] == roots
    assert lines["transcripts-dir"].split("  ")[0] == ", ".join(roots)
    assert [lines[name].split("  ")[0] for name in ("keep-logs", "keep-search", "allow-model", "workspace")] == [
        "forever", "not at all", "any", "the current one",
    ]  # fmt: skip
    assert shown(home)["keep-logs"]["values"] == []
    assert shown(home, "--keep-logs", "30d")["keep-logs"] == {"values": ["30d"], "source": "flag"}


def test_passwords_are_not_shown(home: Home) -> None:
    url = "postgresql://me:correct-horse-battery@db/x"
    assert "correct-horse" not in str(shown(written(home, f"database-url = '{url}'")))


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_one_sentence_with_the_file_and_the_setting(home: Home, text: str) -> None:
    written(home, text)
    for command in (("server", "--listen", "127.0.0.1:0"), ("config", "show")):
        if command[0] == "server" or not text.startswith("[server]\nby"):
            name = text.startswith("[run]") and ("run",)
            assert f"{home.config}: {FAULTS[text]}" in home.refused(*(name or command))


def test_a_file_that_cannot_be_read_is_refused(home: Home) -> None:
    assert f"{home.config} is not valid TOML: " in written(home, "slots = ").refused("sessions")
    home.config.write_bytes(b"claude = '\xff'")
    nowhere = home.with_variables(XDG_CONFIG_HOME="/dev/null")
    assert "/dev/null/hookmeter/config.toml does not exist" in nowhere.run("config", "show").stdout
    assert f"{home.config} is not UTF-8 at byte 10; save it as UTF-8." in home.refused("sessions")
    missing = home.with_variables(HOOKMETER_CONFIG=str(home.path / "missing.toml"))
    assert f"{home.path}/missing.toml does not exist; create it, or unset HOOKMETER_CONFIG." in missing.refused("cost")


def test_a_table_has_any_flags_of_one_command(home: Home) -> None:
    written(home, "[sessions]\nsince = '30d'\nsort = 'cost'\n[hooks.install]\nstatusline = true\n")
    assert "No sessions since 30d in" in home.run("sessions").stdout
    assert "status line added" in home.run("hooks", "install").stdout


@pytest.mark.parametrize("command", ["backfill", "code", "cost", "digest", "search", "sessions"])
def test_a_time_in_a_table_that_is_none_is_a_fault_of_the_file(home: Home, command: str) -> None:
    name = "until" if command == "backfill" else "since"
    written(home, f"[{command}]\n{name} = 'soon'\n")
    fault = f"{home.config}: [{command}] {name}: invalid time 'soon'; use 7d, 12h or 2026-11-28."
    assert fault in home.refused(command)


def test_a_switch_of_the_command_line_precedes_one_of_the_file_that_it_excludes(home: Home) -> None:
    written(home, "[cost]\njson = true\n[sessions]\njson = true\n[hooks.install]\nuser = true\n")
    assert home.run("cost", "--csv").stdout.startswith("model,requests,")
    assert "for one session" in home.refused("sessions", "--markdown")
    (home.path / "shop").mkdir()
    assert "shop/.claude/settings.json: 15 hooks added" in home.run("hooks", "install", "--project", "shop").stdout
    assert json.loads(home.run("sessions").stdout) == []


def test_a_date_needs_no_quotes(home: Home) -> None:
    written(home, "[sessions]\nsince = 2026-11-28\n[cost]\nsince = 2026-11-28T12:00:00\n")
    assert "No sessions since 2026-11-28 in" in home.run("sessions").stdout
    assert "No API messages since 2026-11-28T12:00:00 in" in home.run("cost").stdout


def test_help_is_there_while_the_file_has_a_fault(home: Home) -> None:
    written(home, "[cost]\nby = 'nothing'\n")
    assert "'nothing' is not a group" in home.refused("cost")
    for words in (("cost", "--help"), ("cost", "-h"), ("hooks", "install", "--help")):
        assert home.run(*words).stdout.startswith("Usage: hookmeter ")


def test_both_processes_of_run_read_the_file(home: Home) -> None:
    data = home.path / "elsewhere"
    written(home, "data-dir = '~/elsewhere'\nmetrics-listen = '127.0.0.1:0'\nlisten = '127.0.0.1:0'\n")
    with home.starting("run") as process:
        assert process.stdout
        lines = (line for line in process.stdout if "http://127.0.0.1:" in line)
        addresses = [line.split()[-1] for line in islice(lines, 2)]
        assert all("hookmeter" in fetch(address) for address in addresses)
    assert {"ledger.sqlite3", "server.sqlite3"} <= {path.name for path in data.iterdir()}
    assert not home.data.exists()
