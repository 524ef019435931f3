"""Each thing that stands between a user and true numbers is found, and its remedy named."""

from __future__ import annotations

import http.server
import json
import os
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from exporter.ledger.opening import open_ledger
from exporter.web.http.server import MetricsServer
from tests.exporter.web.conftest import SmallSite
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import append, call, now_us
from tests.support.transcript_lines import SLUG, said, write

MARKS = ("ok", "--", "!!")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address that is taken, and at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{sock.getsockname()[1]}"


@pytest.fixture
def well(home: Home) -> Home:
    """A home in which the hooks are installed and there are logs and transcripts."""
    assert home.run("hooks", "install", "--statusline").returncode == 0
    call(home.sessions, "s", now_us())
    write(home.path / ".claude" / "projects" / SLUG / "s.jsonl", said(1))
    return home


def transcript_roots(home: Home) -> list[str]:
    return [str(home.path / folder / "projects") for folder in (".claude", ".config/claude")]


def examined(home: Home, listen: str, *words: str) -> tuple[int, list[tuple[str, str, str]]]:
    """The exit code, and each finding: its mark, its subject, and its sentence with the remedy behind it."""
    result = home.run("doctor", "--metrics-listen", listen, *words)
    assert result.stderr == ""
    found: list[tuple[str, str, str]] = []
    for line in result.stdout.splitlines():
        mark, subject, sentence = line[:2], line[4:15].strip(), line[17:]
        if mark.strip():
            assert mark in MARKS
            found.append((mark, subject, sentence))
        else:
            found[-1] = (*found[-1][:2], f"{found[-1][2]} -> {sentence}")
    return result.returncode, found


def wrong(home: Home, listen: str, *words: str) -> list[str]:
    """What is wrong, with its remedy; the exit code says that something is."""
    code, found = examined(home, listen, *words)
    assert code == 1
    sentences = [sentence for mark, _, sentence in found if mark == "!!"]
    assert all(" -> " in sentence for sentence in sentences)
    return sentences


def test_where_all_is_well_every_line_says_so(well: Home) -> None:
    with well.exporting() as exporter:
        code, found = examined(well, exporter.address)
    assert code == 0
    assert found == [
        ("ok", "hooks", f"installed in {well.settings}"),
        ("ok", "quotas", f"fed by the status line in {well.settings}"),
        ("ok", "logs", f"1 session below {well.sessions}, {well.path / 'workspace' / 'logs' / 'sessions'}"),
        ("ok", "transcripts", f"of 1 project below {', '.join(transcript_roots(well))}"),
        ("ok", "ledger", "data/ledger.sqlite3 is sound"),
        ("ok", "exporter", f"{exporter.address} is ready"),
    ]


def test_before_the_first_run_there_is_nothing_wrong_but_something_to_do(well: Home, nowhere: str) -> None:
    code, found = examined(well, nowhere)
    assert code == 0
    *_, ledger, exporter = found
    assert ledger == ("ok", "ledger", "none yet in data; the first run makes it")
    assert exporter[:2] == ("--", "exporter")
    assert exporter[2].endswith("-> Run: hookmeter run")


def test_a_newcomer_is_told_where_to_begin(home: Home, nowhere: str) -> None:
    hooks, logs = wrong(home, nowhere)
    assert hooks.endswith("-> Run: hookmeter hooks install")
    assert logs.startswith(f"none below {home.sessions}")
    _, found = examined(home, nowhere)
    notes = {subject: sentence for mark, subject, sentence in found if mark == "--"}
    assert notes["quotas"].endswith("-> If you have a subscription, run: hookmeter hooks install --statusline")
    assert notes["transcripts"].startswith(f"none below {', '.join(transcript_roots(home))}")


def test_a_status_line_that_does_not_run_is_found(well: Home, nowhere: str) -> None:
    well.settings.write_text(well.settings.read_text().replace("hookmeter_statusline.", "gone/hookmeter_statusline."))
    (found,) = wrong(well, nowhere)
    assert found.startswith(f"hookmeter's status line in {well.settings} does not run -> Run again: ")


def test_your_own_prices_are_looked_at(well: Home, nowhere: str) -> None:
    prices = append(well.path / "prices.json", '{"models": {"glm": {"input": 1, "output": 2}}}')
    _, found = examined(well, nowhere, "--prices", str(prices))
    assert ("ok", "prices", f"your own in {prices}") in found
    prices.write_text("{")
    assert str(prices) in wrong(well, nowhere, "--prices", str(prices))[0]


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_settings_that_are_no_json_are_found_wherever_they_are(well: Home, nowhere: str, name: str) -> None:
    path = append(well.path / "shop" / ".claude" / name, '{"model": "x",}')
    # In its own folder the project's settings are looked at, too.
    result = well.run("doctor", "--metrics-listen", nowhere, "--sessions-dir", well.sessions, cwd=well.path / "shop")
    assert result.returncode == 1
    assert f"{path} is no valid JSON" in result.stdout
    assert "!!  logs" not in result.stdout


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_disabled_hooks_are_found_also_in_a_file_without_the_recorder(well: Home, nowhere: str, name: str) -> None:
    path = well.path / ".claude" / name
    settings = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**settings, "disableAllHooks": True}))
    assert f"{path} says disableAllHooks" in wrong(well, nowhere)[0]


def test_hooks_that_are_missing_or_broken_are_found(well: Home, nowhere: str) -> None:
    whole = well.settings.read_text()
    settings = json.loads(whole)
    del settings["hooks"]["Stop"]
    well.settings.write_text(json.dumps(settings))
    assert wrong(well, nowhere)[0].startswith(f"{well.settings} lacks Stop -> Run again: hookmeter hooks install")
    well.settings.write_text(whole.replace("hookmeter_recorder.", "gone/hookmeter_recorder."))
    assert "does not run" in wrong(well, nowhere)[0]


def test_hooks_that_write_where_nobody_reads_are_found(well: Home, nowhere: str) -> None:
    assert (
        f"those in {well.settings} write to {well.sessions}, which is not read here"
        in (wrong(well, nowhere, "--sessions-dir", "elsewhere")[0])
    )


def test_events_that_are_recorded_twice_are_found(well: Home, nowhere: str) -> None:
    local = well.path / ".claude" / "settings.local.json"
    well.run("hooks", "install", "--settings", local, "--sessions-dir", "more")
    words = ("--sessions-dir", str(well.sessions), "--sessions-dir", "more")
    (twice,) = wrong(well, nowhere, *words)
    assert twice.startswith(f"every event is recorded twice: {well.settings} writes to {well.sessions}, {local} to")
    assert f"hookmeter hooks uninstall --settings {local}" in twice
    well.run("hooks", "install", "--settings", local)  # the same command in both is run once
    assert examined(well, nowhere, *words)[0] == 0


def test_every_fault_is_told_not_only_the_first(well: Home, nowhere: str) -> None:
    append(well.path / ".claude" / "settings.local.json", "{")
    well.settings.write_text('{"disableAllHooks": true}')
    (well.path / "data").write_text("")
    found = wrong(well, nowhere, "--sessions-dir", "none", "--data-dir", "data/below")
    assert len(found) == 5


@contextmanager
def nobody_special() -> Iterator[None]:
    """As a user whom permissions bind: root is bound by none."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_logs_that_may_not_be_read_are_found(home: Home) -> None:
    from exporter.reports.doctor import _logs  # noqa: PLC0415

    for session in "ab":
        call(home.sessions, session, now_us())
    for folder in (home.path, *home.path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    (home.sessions / "a" / "pre_tool_use.jsonl").chmod(0)
    (home.sessions / "b").chmod(0)
    try:
        with nobody_special():
            (check,) = _logs([str(home.sessions)])
    finally:
        (home.sessions / "b").chmod(0o755)
    assert check.found.endswith("may not be read, nor may 1 more")
    assert check.remedy.startswith("Run: chmod u+rX")


def test_a_data_folder_that_cannot_be_is_found(well: Home, nowhere: str) -> None:
    (well.path / "file").write_text("")
    (told,) = wrong(well, nowhere, "--data-dir", "file/data")
    assert (
        told == f"none yet in file/data, and {well.path / 'file'} is no folder -> Name another folder with --data-dir"
    )


def test_a_corrupt_ledger_is_found(well: Home, nowhere: str) -> None:
    (well.path / "data").mkdir()
    (well.path / "data" / "ledger.sqlite3").write_bytes(b"no database " * 1000)
    assert "data/ledger.sqlite3 is corrupt" in wrong(well, nowhere)[0]


def test_a_ledger_of_a_newer_version_is_found(well: Home, nowhere: str) -> None:
    with open_ledger(well.path / "data", 200):
        pass
    connection = sqlite3.connect(well.path / "data" / "ledger.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "is from a newer hookmeter" in wrong(well, nowhere)[0]


def test_a_ledger_that_cannot_be_opened_is_found(well: Home, nowhere: str) -> None:
    (well.path / "data" / "ledger.sqlite3").mkdir(parents=True)
    assert "cannot be opened" in wrong(well, nowhere)[0]


@contextmanager
def listening(server: http.server.HTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Stranger(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


def test_a_stranger_at_the_address_is_found(well: Home) -> None:
    with listening(http.server.HTTPServer(("127.0.0.1", 0), Stranger)) as address:
        assert f"what listens at {address} is no hookmeter" in wrong(well, address)[0]


def test_something_that_never_answers_is_found(well: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert f"{address} does not answer" in wrong(well, address)[0]


def test_an_exporter_that_is_not_ready_is_found(well: Home) -> None:
    from exporter.web.listen import parse_listen  # noqa: PLC0415

    server = MetricsServer(SmallSite(reason=lambda: "Still reading."), parse_listen("127.0.0.1:0"))
    thread = server.start_in_thread()
    try:
        assert f"{server.address}: Still reading. -> Wait" in wrong(well, str(server.address))[0]
    finally:
        server.stop()
        thread.join()


def test_a_guarded_exporter_is_known_by_its_question(well: Home) -> None:
    (well.path / "web.yml").write_text(
        "basic_auth_users:\n  me: $2b$04$QkQmnBTJBFqGwAEqYLDHLuvYHbGVbDVEeGVDVmTMnrfEzkeVnFuJe\n"
    )
    with well.exporting("--web.config.file", "web.yml") as exporter:
        code, found = examined(well, exporter.address)
    assert (code, found[-1]) == (0, ("ok", "exporter", f"{exporter.address} answers, and asks for a password"))


def test_an_exporter_with_tls_is_found_ready(well: Home, authority: trustme.CA) -> None:
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(well.path / "both.pem")
    (well.path / "web.yml").write_text("tls_server_config: {cert_file: both.pem, key_file: both.pem}\n")
    with well.exporting("--web.config.file", "web.yml") as exporter:
        assert exporter.url.startswith("https://")
        code, found = examined(well, exporter.address)
    assert (code, found[-1]) == (0, ("ok", "exporter", f"{exporter.address} is ready"))


def test_an_exporter_that_asks_for_a_certificate_is_no_fault(well: Home, authority: trustme.CA) -> None:
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(well.path / "both.pem")
    authority.cert_pem.write_to_path(well.path / "ca.pem")
    (well.path / "web.yml").write_text(
        "tls_server_config:\n  {cert_file: both.pem, key_file: both.pem, client_ca_file: ca.pem,"
        " client_auth_type: RequireAndVerifyClientCert}\n"
    )
    with well.exporting("--web.config.file", "web.yml") as exporter:
        code, found = examined(well, exporter.address)
    assert (code, found[-1]) == (0, ("ok", "exporter", f"{exporter.address} answers, and asks for a certificate"))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    assert ssl.HAS_TLSv1_3
    return trustme.CA()


def test_port_0_cannot_be_asked(well: Home) -> None:
    code, found = examined(well, "127.0.0.1:0")
    assert (code, found[-1][:2]) == (0, ("--", "exporter"))
