"""Flags take precedence over variables and defaults, and an invalid value is one line."""

from __future__ import annotations

import socket
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.commands.value_types import Directory, Dollars
from tests.support.hookmeter_process import HOOKMETER, TIMEOUT_SECONDS, Home
from tests.support.page import fetch, sample, samples_of
from tests.support.permissions import unprivileged_user
from tests.support.synthetic_logs import call, now_us
from tests.support.transcript_lines import SLUG, assistant_line, write

COMMANDS = (
    (), ("exporter",), ("run",), ("hooks",), ("hooks", "install"), ("hooks", "uninstall"), ("hooks", "status"),
    ("sessions",), ("search",), ("forget",), ("cost",), ("doctor",), ("backfill",),
)  # fmt: skip
BAD_OPTIONS = {
    ("exporter", "--metrics-listen", "nowhere"): "invalid listen address",
    ("exporter", "--metrics-listen", "127.0.0.1:70000"): "invalid listen address",
    ("exporter", "--metrics-listen", "nosuch.invalid:0"): "cannot listen on",
    ("exporter", "--metrics-host", "http://x"): "invalid host 'http://x'; use one such as agents.example.org",
    ("exporter", "--label-values", "0"): "not in the range",
    ("exporter", "--label-values", "many"): "'many' is not a valid number",
    ("exporter", "--sessions-dir", ""): "'--sessions-dir'",
    ("exporter", "--sessions-dir", "file"): "'file' is not a directory; name one.",
    ("exporter", "--sessions-dir", "loop"): "'loop' cannot be resolved (Too many levels of symbolic links)",
    ("doctor", "--sessions-dir", "~nobody-of-that-name/x"): "cannot be resolved",
    ("exporter", "--data-dir", ""): "'--data-dir'",
    ("exporter", "--sessions-dir", "/dev/null"): "'/dev/null' is not a directory; name one.",
    ("exporter", "--data-dir", "file"): "'file' is not a directory; name one.",
    ("exporter", "--data-dir", "file/below"): "The data directory file/below cannot be created",
    ("exporter", "--web.config.file", "missing.yml"): "missing.yml",
    ("exporter", "--web.config.file", "file"): "file: ",
    ("exporter", "--daily-budget-usd", ""): "invalid amount ''; use US dollars such as 12.50",
    ("exporter", "--daily-budget-usd", "$12.50"): "invalid amount '$12.50'; use US dollars such as 12.50",
    ("exporter", "--daily-budget-usd", "12,50"): "invalid amount '12,50'",
    ("exporter", "--daily-budget-usd", "1e999999"): "invalid amount '1e999999'",
    ("exporter", "--daily-budget-usd", "sNaN"): "invalid amount 'sNaN'",
    ("exporter", "--daily-budget-usd", "nan"): "invalid amount 'nan'; use US dollars above 0",
    ("exporter", "--daily-budget-usd", "inf"): "invalid amount 'inf'; use US dollars above 0",
    ("exporter", "--monthly-budget-usd", "0"): "invalid amount '0'; use US dollars above 0",
    ("exporter", "--monthly-budget-usd", "-1"): "invalid amount '-1'; use US dollars above 0",
    (
        "exporter",
        "--monthly-budget-usd",
        "1e-13",
    ): "invalid amount '1e-13'; use US dollars above 0",
    (
        "run",
        "--monthly-budget-usd",
        "1000000.01",
    ): "invalid amount '1000000.01'; use US dollars above 0",
    ("exporter", "--keep-logs", "12h"): "invalid time '12h'; use 30d or 12w, at least 1d, or forever.",
    ("exporter", "--prices", "missing.json"): "missing.json cannot be read",
    ("exporter", "--prices", "file"): "file is not a price file",
    ("exporter", "--transcripts-dir", ""): "'--transcripts-dir'",
    ("cost", "--transcripts-dir", "loop"): "'loop' cannot be resolved (Too many levels of symbolic links)",
    ("exporter", "--prune-logs"): "--prune-logs removes nothing without --keep-logs; add it, such as --keep-logs 30d",
    ("exporter", "--nosuch"): "No such option '--nosuch'",
    ("exporter", "word"): "unexpected extra argument",
    ("sessionz",): "no command 'sessionz'; did you mean sessions?",
    ("exporter", "--metrics-listen", "192.0.2.1:1"): "192.0.2.1:1 (Cannot assign requested address): choose an address",
    ("exporter", "--prune-logs", "--keep-logs", "forever"): "--prune-logs removes nothing without --keep-logs",
    ("nosuch",): "no command 'nosuch'; list them with: hookmeter --help",
    ("backfill", "--output", "missing/history.om"): "missing/history.om cannot be written",
    ("backfill", "--output", "."): "is a directory",
    ("backfill", "--until", "soon"): "invalid time 'soon'",
    ("backfill", "--label", "host"): "invalid label 'host'; use one such as host=build-07",
    ("backfill", "--label", "tool=x"): "series have another label tool",
    ("backfill", "--metrics-listen", ":19464"): "name the instance label of the live series by --instance",
    ("backfill", "--metrics-listen", "127.0.0.1:0"): "name the instance label of the live series by --instance",
    ("sessions", "one", "two"): "unexpected extra argument",
    ("sessions", "one", "--failed"): "--failed is for the list; leave it or the session out",
    ("sessions", "one", "--since", "7d", "--json"): "--since is for the list; leave it or the session out",
    ("hooks", "install", "--user", "--project", "."): "exactly one settings file",
    ("hooks", "uninstall", "--settings", "s", "--project", "."): "exactly one settings file",
    ("hooks", "status", "--user", "--settings", "s"): "exactly one settings file",
    ("cost", "--since", "1d", "--until", "2d"): "--until 2d is not after --since 1d; use an earlier start",
    ("sessions", "--until", "2020-01-01"): "--until 2020-01-01 is not after --since 24h",
    ("code", "--until", "2020-01-01"): "--until 2020-01-01 is not after --since 7d",
    ("digest", "--since", "2100-01-01"): "--since 2100-01-01 is not in the past; use 24h, 7d or",
    ("hooks", "install", "--project", "missing"): "Directory 'missing' does not exist",
    ("hooks", "uninstall", "--project", ""): "it is empty; name a directory",
    ("hooks", "install", "--settings", ""): "it is empty; name a file",
    ("backfill", "--output", ""): "it is empty; name a file",
    ("backup", ""): "it is empty; name a file",
    ("restore", ""): "it is empty; name a file",
    ("migrate-data", ""): "it is empty; name a directory",
    ("stack", "write", ""): "it is empty; name a directory",
    ("dashboards", "write", ""): "it is empty; name a directory",
}
BAD_VARIABLES = {
    "HOOKMETER_METRICS_LISTEN": ("nowhere", "invalid listen address"),
    "HOOKMETER_METRICS_HOST": ("a.example b/c", "invalid host 'b/c'"),
    "HOOKMETER_LABEL_VALUES": ("-1", "not in the range"),
    "HOOKMETER_NO_SEARCH": ("maybe", "'maybe' is neither true nor false."),
    "HOOKMETER_PRUNE_LOGS": ("2", "'2' is neither true nor false."),
    "HOOKMETER_KEEP_SEARCH": ("90", "invalid time '90'; use 90d, 12w or forever"),
    "HOOKMETER_SESSIONS_DIR": ("logs::more", "it is empty; name a directory"),
    "HOOKMETER_DATA_DIR": ("file/below", "cannot be created"),
    "HOOKMETER_DAILY_BUDGET_USD": ("five", "invalid amount 'five'"),
    "HOOKMETER_MONTHLY_BUDGET_USD": ("-5", "invalid amount '-5'; use US dollars above 0"),
    "HOOKMETER_PRICES": ("missing.json", "missing.json cannot be read"),
    "HOOKMETER_TRANSCRIPTS_DIR": ("file", "'file' is not a directory; name one."),
    "HOOKMETER_WEB_CONFIG_FILE": ("missing.yml", "missing.yml"),
}


@pytest.fixture
def with_file(home: Home) -> Home:
    (home.path / "file").write_text("neither YAML nor a directory: [")
    (home.path / "loop").symlink_to("loop")
    return home


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_a_help_text(home: Home, command: tuple[str, ...]) -> None:
    result = home.run(*command, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: hookmeter")
    assert "..." not in result.stdout.replace("[ARGS]...", "")  # no sentence is truncated


def test_without_a_command_it_lists_the_commands(home: Home) -> None:
    result = home.run()
    assert (result.returncode, result.stdout) == (0, home.run("--help").stdout)
    assert home.run("-h").stdout == result.stdout
    assert home.run("--version").stdout.startswith("hookmeter, version ")


@pytest.mark.parametrize(("words", "message"), BAD_OPTIONS.items(), ids=lambda value: " ".join(value)[:60])
def test_a_bad_option_is_one_line(with_file: Home, words: tuple[str, ...], message: str) -> None:
    assert message in with_file.refused(*words)


@pytest.mark.parametrize(
    ("text", "picodollars"),
    [
        ("12.50", 12_500_000_000_000), ("0.1", 100_000_000_000), ("5", 5_000_000_000_000), (" 5 ", 5_000_000_000_000),
        ("1e3", 10**15), ("1000000", 10**18), ("0.000000000001", 1), (7, 7),
    ],
)  # fmt: skip
def test_an_amount_of_dollars_is_exact(text: str | int, picodollars: int) -> None:
    assert Dollars().convert(text, None, None) == picodollars


def test_budgets_are_on_the_page(home: Home) -> None:
    person = home.with_variables(HOOKMETER_DAILY_BUDGET_USD="0.1", HOOKMETER_MONTHLY_BUDGET_USD="0.2")
    with person.exporting("--monthly-budget-usd", "1234.56") as exporter:
        page = samples_of(fetch(f"{exporter.url}/metrics"))
    assert page[sample("claude_budget_usd", period="day")] == 0.1
    assert page[sample("claude_budget_usd", period="month")] == 1234.56


def test_the_organizations_prices_are_on_the_page(home: Home) -> None:
    file = home.path / "managed-settings.json"
    file.write_text('{"modelPricing": {"multiplier": 0.5, "overrides": {"claude-opus-4-6": {}}}}')
    write(home.path / ".claude" / "projects" / SLUG / "s.jsonl", assistant_line(1))
    with home.exporting() as exporter:
        page = samples_of(fetch(f"{exporter.url}/metrics"))
        exporter.process.terminate()
        _, complaint = exporter.process.communicate(timeout=TIMEOUT_SECONDS)
    costs = {name: value for (name, _), value in page.items() if name == "claude_cost_usd_total"}
    assert costs == {"claude_cost_usd_total": 0.00065}
    assert complaint.startswith(f"hookmeter: {file}: modelPricing.overrides.claude-opus-4-6 is invalid")


@pytest.mark.parametrize("name", BAD_VARIABLES)
def test_a_bad_variable_is_one_line(with_file: Home, name: str) -> None:
    value, message = BAD_VARIABLES[name]
    assert message in with_file.with_variables(**{name: value}).refused("exporter")


def test_a_broken_web_config_quotes_no_secret(home: Home) -> None:
    (home.path / "web.yml").write_text("basic_auth_users:\n  me: [hunter2\n")
    assert "hunter2" not in home.refused("exporter", "--web.config.file", "web.yml")


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_an_address_in_use_is_one_line(home: Home, taken: str) -> None:
    assert f"{taken} is already in use" in home.refused("exporter", "--metrics-listen", taken)


def test_a_flag_takes_precedence_over_its_variable(home: Home, taken: str) -> None:
    person = home.with_variables(HOOKMETER_METRICS_LISTEN="nowhere", HOOKMETER_SESSIONS_DIR="wrong")
    assert "already in use" in person.refused("exporter", "--metrics-listen", taken)
    assert "in right" in person.run("sessions", "--sessions-dir", "right").stdout


def test_a_variable_takes_precedence_over_the_default(home: Home) -> None:
    call(home.path / "one", "a", now_us())
    call(home.path / "other", "b", now_us())
    listed = home.with_variables(HOOKMETER_SESSIONS_DIR="one:other").run("sessions").stdout
    assert [line.split()[0] for line in listed.splitlines()[1:]] == ["b", "a"]


def test_a_tilde_in_a_variable_is_expanded(home: Home) -> None:
    output = home.with_variables(HOOKMETER_SESSIONS_DIR="~/a:~/b").run("sessions").stdout
    assert f"in {home.path / 'a'}, {home.path / 'b'}, " in output


def test_an_empty_variable_counts_as_unset(home: Home) -> None:
    names = [name for name in BAD_VARIABLES if name != "HOOKMETER_METRICS_LISTEN"]
    with home.with_variables(**dict.fromkeys(names, "")).exporting() as exporter:
        assert f"  reading {home.sessions}" in exporter.output
    assert home.data.is_dir()


def test_it_works_in_an_ascii_terminal(home: Home) -> None:
    call(home.sessions, "naïve-\udcff".encode("utf-8", "replace").decode(), now_us())
    result = home.with_variables(PYTHONIOENCODING="ascii", LC_ALL="C").run("sessions")
    assert (result.returncode, result.stderr) == (0, "")
    assert "session" in result.stdout


def test_the_command_is_installed_where_the_tests_expect_it() -> None:
    assert Path(HOOKMETER).is_file()


def test_a_name_that_a_page_points_here_is_refused_and_that_of_a_proxy_allowed(home: Home) -> None:
    with home.exporting("--metrics-host", "metrics.example.org") as exporter:
        for path in ("/", "/metrics", "/-/ready", "/nothing"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                fetch(f"{exporter.url}{path}", Host="evil.example:19464")
            assert refused.value.code == 421
            refused.value.close()
        assert "hookmeter_build_info" in fetch(f"{exporter.url}/metrics", Host="metrics.example.org")


def test_a_directory_below_one_that_the_user_may_not_enter_is_accepted_until_it_is_used(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0)
    try:
        with unprivileged_user():
            assert Directory().convert(str(closed / "data"), None, None) == closed / "data"
    finally:
        closed.chmod(0o700)
