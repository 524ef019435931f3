"""What stands between a user and true numbers: each check says what it found, and how to mend it."""

from __future__ import annotations

import http.client
import os
import sqlite3
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path

from exporter.hooks.installer import HookStatus, status
from exporter.hooks.settings_file import SettingsError
from exporter.ledger.opening import FILE_NAME, damage
from exporter.ledger.schema import VERSION, version
from exporter.prices.table import PriceFileError, load_prices
from exporter.settings import Settings
from exporter.sources.files import absolute, log_files, session_directories
from exporter.sources.transcript_files import project_directories
from exporter.web.listen import ListenAddress

PATIENCE_SECONDS = 2.0
CERTIFICATE_WANTED = 495
EVERY_ADDRESS = {"": "localhost", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where one that listens on all is found


class Verdict(Enum):
    """Whether there is something to mend, or only something to know."""

    WELL = "ok"
    NOTE = "--"
    WRONG = "!!"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding, and what to do about it. What is no fault, but better to know, is a note."""

    subject: str
    found: str
    remedy: str = ""
    is_note: bool = False

    @property
    def verdict(self) -> Verdict:
        """How bad it is."""
        if self.is_note:
            return Verdict.NOTE
        return Verdict.WRONG if self.remedy else Verdict.WELL


def examine(settings_files: tuple[Path, ...], settings: Settings) -> Iterator[Check]:
    """Every check, in the order in which a call's record travels: hooks, logs, transcripts, ledger, exporter."""
    roots = absolute(settings.sessions_dirs)
    yield from _hooks(settings_files, roots)
    yield from _logs(roots)
    yield _transcripts(settings.transcript_roots)
    yield from _prices(settings.prices_file)
    yield _ledger(settings.data_dir)
    yield _exporter(settings.listen)


def _hooks(settings_files: tuple[Path, ...], roots: list[str]) -> Iterator[Check]:
    read: list[HookStatus] = []
    wrong: list[Check] = []
    for path in settings_files:
        try:
            read.append(status(path))
        except SettingsError as error:
            wrong.append(Check("hooks", str(error), "Claude Code may run no hook until it is mended"))
    installed = [found for found in read if found.installed]
    wrong += [
        Check("hooks", f"{found.path} says disableAllHooks: Claude Code calls none", "Take disableAllHooks out of it")
        for found in read
        if found.disabled
    ]
    wrong += [check for found in installed if (check := _installation(found, roots))]
    wrong += _recorded_twice(installed)
    if not installed:
        wrong.append(Check("hooks", f"not installed in {_listed(settings_files)}", "Run: hookmeter hooks install"))
    yield from wrong or [Check("hooks", f"installed in {_listed(found.path for found in installed)}")]
    yield _status_line(read)


def _installation(found: HookStatus, roots: list[str]) -> Check | None:
    """What is wrong with the hooks in one settings file."""
    again = f"Run again: hookmeter hooks install --settings {found.path}"
    if found.missing:
        return Check("hooks", f"{found.path} lacks {', '.join(found.missing)}", again)
    if not found.recorder_works:
        return Check("hooks", f"the recorder named in {found.path} does not run", again)
    if found.sessions_dir and os.path.realpath(found.sessions_dir) not in roots:
        return Check(
            "hooks",
            f"those in {found.path} write to {found.sessions_dir}, which is not read here",
            f"Name that folder too: --sessions-dir {found.sessions_dir}",
        )
    return None


def _status_line(read: list[HookStatus]) -> Check:
    feeding = [found for found in read if found.status_line_dir]
    again = "hookmeter hooks install --statusline"
    if not feeding:
        return Check("quotas", "no status line feeds them", f"If you have a subscription, run: {again}", is_note=True)
    if broken := [found for found in feeding if not found.status_line_works]:
        return Check("quotas", f"hookmeter's status line in {broken[0].path} does not run", f"Run again: {again}")
    return Check("quotas", f"fed by the status line in {_listed(found.path for found in feeding)}")


def _recorded_twice(installed: list[HookStatus]) -> Iterator[Check]:
    """Claude Code runs the same command once, wherever it stands; different ones it runs all."""
    for one, other in pairwise(installed):
        if (one.sessions_dir, one.recorder) != (other.sessions_dir, other.recorder):
            yield Check(
                "hooks",
                f"every event is recorded twice: {one.path} writes to {one.sessions_dir},"
                f" {other.path} to {other.sessions_dir}",
                f"Keep one of them: hookmeter hooks uninstall --settings {other.path}",
            )


def _logs(roots: list[str]) -> Iterator[Check]:
    sessions, refused = 0, []
    for root in roots:
        try:
            for folder in session_directories(root):
                found, unread = _readable(folder)
                sessions += found
                refused += unread
        except OSError:
            refused.append(root)
    if refused:
        others = f", nor may {len(refused) - 1} more" if len(refused) > 1 else ""
        yield Check("logs", f"{refused[0]} may not be read{others}", f"Run: chmod u+rX {refused[0]}, as its owner")
    elif sessions:
        yield Check("logs", f"{sessions} {'session' if sessions == 1 else 'sessions'} below {_listed(roots)}")
    else:
        yield Check(
            "logs",
            f"none below {_listed(roots)}",
            "Use Claude Code once with the hooks installed, or name the right folder with --sessions-dir",
        )


def _transcripts(roots: tuple[str, ...]) -> Check:
    projects, refused = 0, []
    for root in roots:
        try:
            folders = list(project_directories(root))
        except OSError:
            refused.append(root)
            continue
        projects += len(folders)
        refused += [folder for folder in folders if not _may(folder, os.R_OK | os.X_OK)]
    if refused:
        return Check("transcripts", f"{refused[0]} may not be read", f"Run: chmod u+rX {refused[0]}, as its owner")
    if projects:
        return Check(
            "transcripts", f"of {projects} {'project' if projects == 1 else 'projects'} below {_listed(roots)}"
        )
    found = f"none below {_listed(roots)}; without them there are no tokens and costs"
    return Check("transcripts", found, "Use Claude Code, or name its folder with --transcripts-dir", is_note=True)


def _prices(file: Path | None) -> Iterator[Check]:
    if file is None:
        return
    try:
        load_prices(file)
    except PriceFileError as error:
        yield Check("prices", str(error), "Mend it: the exporter does not start with it")
    else:
        yield Check("prices", f"your own in {file}")


def _readable(folder: str) -> tuple[bool, list[str]]:
    """Whether a folder holds logs, and what of it may not be read."""
    try:
        files = log_files(folder)
    except OSError:
        return True, [folder]
    return bool(files), [file.path for file in files if not _may(file.path, os.R_OK)]


def _may(path: str | Path, how: int) -> bool:
    return os.access(path, how, effective_ids=os.access in os.supports_effective_ids)


def _ledger(data_dir: Path) -> Check:
    path = data_dir / FILE_NAME
    try:
        if not path.exists():
            return _no_ledger(data_dir)
        if found := damage(path):
            return Check(
                "ledger", f"{path} is corrupt: {found}", "Start the exporter: it sets the file aside and counts anew"
            )
        if _version(path) > VERSION:
            return Check("ledger", f"{path} is from a newer hookmeter", "Run that version, or name another --data-dir")
    except (OSError, sqlite3.Error) as error:
        return Check("ledger", f"{path} cannot be opened ({error})", f"Run: chmod -R u+rwX {data_dir}, as its owner")
    return Check("ledger", f"{path} is sound")


def _no_ledger(data_dir: Path) -> Check:
    there = next(folder for folder in (data_dir, *data_dir.absolute().parents) if folder.exists())
    if there.is_dir() and _may(there, os.W_OK | os.X_OK):
        return Check("ledger", f"none yet in {data_dir}; the first run makes it")
    wrong = "may not be written" if there.is_dir() else "is no folder"
    return Check("ledger", f"none yet in {data_dir}, and {there} {wrong}", "Name another folder with --data-dir")


def _version(path: Path) -> int:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return version(connection)
    finally:
        connection.close()


def _exporter(listen: ListenAddress) -> Check:
    if not listen.port:
        return Check(
            "exporter", f"{listen} is a different port at each start", "Look for the one it said", is_note=True
        )
    try:
        return _answered(listen, *_ask(listen))
    except ConnectionRefusedError:
        found = f"not running at {listen}; nothing is lost, it catches up when it starts"
        return Check("exporter", found, "Run: hookmeter run", is_note=True)
    except OSError as error:
        return Check("exporter", f"{listen} does not answer ({error})", "Restart what runs there: hookmeter run")
    except http.client.HTTPException:
        return _stranger(listen)


def _answered(listen: ListenAddress, code: int, answer: str, realm: str) -> Check:
    if code == 200 and answer.startswith("hookmeter"):
        return Check("exporter", f"{listen} is ready")
    if code == 401 and "hookmeter" in realm:
        return Check("exporter", f"{listen} answers, and asks for a password")
    if code == CERTIFICATE_WANTED:
        return Check("exporter", f"{listen} answers, and asks for a certificate")
    if code == 503:
        return Check("exporter", f"{listen}: {answer}", "Wait for it; if it stays so, its log says why")
    return _stranger(listen)


def _stranger(listen: ListenAddress) -> Check:
    return Check("exporter", f"what listens at {listen} is no hookmeter", "Stop it, or choose another --metrics-listen")


def _ask(listen: ListenAddress) -> tuple[int, str, str]:
    """What /-/ready says, in plain HTTP or, where that comes to nothing, over TLS. Raises OSError or HTTPException."""
    host = EVERY_ADDRESS.get(listen.host, listen.host)
    try:
        return _get(http.client.HTTPConnection(host, listen.port, timeout=PATIENCE_SECONDS))
    except (ConnectionResetError, http.client.BadStatusLine):
        # The question is only who is there; nothing is sent that another should not see.
        anyone = ssl._create_unverified_context()  # noqa: S323
        return _ask_over_tls(http.client.HTTPSConnection(host, listen.port, timeout=PATIENCE_SECONDS, context=anyone))


def _ask_over_tls(connection: http.client.HTTPSConnection) -> tuple[int, str, str]:
    try:
        connection.connect()
    except (ConnectionResetError, ssl.SSLError) as error:
        connection.close()
        raise http.client.BadStatusLine("neither HTTP nor TLS") from error
    try:
        return _get(connection)
    except (ConnectionResetError, http.client.BadStatusLine, ssl.SSLError):
        return CERTIFICATE_WANTED, "", ""  # only after the handshake does a server say so


def _get(connection: http.client.HTTPConnection) -> tuple[int, str, str]:
    try:
        connection.request("GET", "/-/ready")
        response = connection.getresponse()
        answer = response.read(1000).decode("utf-8", "replace").strip()
        return response.status, answer, response.headers.get("WWW-Authenticate", "")
    finally:
        connection.close()


def _listed(names: Iterable[object]) -> str:
    return ", ".join(map(str, names))
