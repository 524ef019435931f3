"""What other processes of the server's account find out about it: not its key."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from tests.chatserver.started import Started, started
from tests.conftest import program
from tests.e2e.processes import wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the memory of processes in /proc")
KEY = "a key of the tests that is long enough"
LISTEN = ("--listen", "127.0.0.1:0")
BOTH = ("run", *LISTEN, "--metrics-listen", "127.0.0.1:0")


def without_capabilities() -> tuple[str, ...]:
    """The start of a command without those of root, to whom nothing is forbidden."""
    return () if os.geteuid() else (program("setpriv"), "--bounding-set=-all", "--inh-caps=-all", "--")


@pytest.fixture(params=["variable", "file"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Production, with a key."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKMETER_", "JWT_"))}
    own = {"ENV": "production", "DATA_DIR": str(tmp_path / "data"), "SESSIONS_DIR": str(tmp_path / "logs")}
    others |= {f"HOOKMETER_{name}": value for name, value in own.items()}
    if request.param == "variable":
        return {**others, "JWT_SECRET_KEY": KEY}
    (tmp_path / "key").write_text(f"{KEY}\n")
    return {**others, "HOOKMETER_SECRET_KEY_FILE": str(tmp_path / "key")}


def processes_of(server: Started) -> list[int]:
    main = psutil.Process(server.process.pid)
    return [main.pid, *(child.pid for child in main.children(recursive=True))]


@pytest.mark.parametrize(("words", "number"), [(("server", *LISTEN), 2), (BOTH, 4)], ids=["server", "run"])
def test_no_process_shows_the_key(environment: Mapping[str, str], words: tuple[str, ...], number: int) -> None:
    with started(environment, *words, addresses=number // 2) as server:
        found = processes_of(server)
        assert len(found) >= number
        for pid in found:
            shown = Path(f"/proc/{pid}")
            assert KEY.encode() not in (shown / "environ").read_bytes() + (shown / "cmdline").read_bytes()
            assert not [link for link in (shown / "fd").iterdir() if has_key(link)]


def has_key(link: Path) -> bool:
    """Whether a descriptor is the end of a pipe in which the key is left to read; a closed one is not."""
    try:
        if not os.readlink(link).startswith("pipe:"):  # noqa: PTH115 - there is no such path
            return False
        descriptor = os.open(link, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:  # the process has closed it since its descriptors were listed
        return False
    try:
        return KEY.encode() in os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)


def test_the_exporter_does_not_have_the_password_of_the_database(environment: Mapping[str, str]) -> None:
    with started({**environment, "PGPASSWORD": "of the database"}, *BOTH, addresses=2) as server:
        shown = {pid: Path(f"/proc/{pid}/environ").read_bytes() for pid in processes_of(server)}
        having = [pid for pid, variables in shown.items() if b"PGPASSWORD" in variables]
        (exporter,) = [psutil.Process(pid) for pid in shown if "exporter" in psutil.Process(pid).cmdline()]
        read_side = {exporter.pid, *(child.pid for child in exporter.children())}  # with what keeps the search index
        assert having == [pid for pid in shown if pid not in read_side]


def test_the_same_account_cannot_inspect_it(environment: Mapping[str, str]) -> None:
    with started(environment, *BOTH, addresses=2, prefix=without_capabilities()) as server:
        for pid in processes_of(server):
            for name in ("environ", "mem", "maps", "fd/0"):
                assert "Permission denied" in reading(f"/proc/{pid}/{name}")
        assert reading("/proc/self/environ") == ""


def reading(path: str) -> str:
    """The error of a process of the same account that reads a file."""
    command = [*without_capabilities(), "/bin/cat", path]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False).stderr


def test_tokens_stay_valid_when_the_key_moves_from_the_variable_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    others = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKMETER_", "JWT_"))}
    others |= {"HOOKMETER_DATA_DIR": str(tmp_path / "data")}
    with started({**others, "JWT_SECRET_KEY": KEY}, "server", *LISTEN) as server:
        token = server.registered()
    with started({**others, "HOOKMETER_SECRET_KEY_FILE": str(tmp_path / "key")}, "server", *LISTEN) as server:
        assert server.ask("/api/auth/verify", token=token)["user"]["name"] == "ann"


def test_a_worker_and_a_server_that_start_again_have_the_key(environment: Mapping[str, str]) -> None:
    with started(environment, *BOTH, addresses=2) as server:
        before = set(processes_of(server))
        for pid in before - {server.process.pid}:
            psutil.Process(pid).kill()
        wait_for(lambda: len(set(processes_of(server)) - before) >= 3 or None, "all to start again")


@pytest.fixture(autouse=True)
def _no_key_left() -> Iterator[None]:
    yield
    assert "HOOKMETER_SECRET_KEY_FD" not in os.environ
