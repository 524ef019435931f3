"""The account that tasks run as: what a program has that is started as it."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from chatserver.task_user import TaskUserError, task_user
from tests.conftest import program
from tests.support.other_account import UID, other_account

SERVER_UID = UID + 1
CAPABILITIES = "+setuid,+setgid,+kill,+dac_read_search"
INHERITED = {
    "PATH": "/bin", "HOME": "/root", "USER": "root", "TMPDIR": "/root/tmp", "XDG_RUNTIME_DIR": "/run/user/0",
    "SSH_AUTH_SOCK": "/root/agent", "ANTHROPIC_API_KEY": "a key of the tasks",
}  # fmt: skip


def status(*prefix: str) -> dict[str, str]:
    """What the kernel says of a process that is started with a prefix."""
    shown = subprocess.run([*prefix, "/bin/cat", "/proc/self/status"], capture_output=True, text=True, check=True)
    return dict(line.split(":\t", 1) for line in shown.stdout.splitlines())


@pytest.mark.parametrize("server", ["root", "with capabilities"])
def test_a_program_has_the_account_and_no_privilege_of_the_server(tmp_path: Path, server: str) -> None:
    account = other_account(tmp_path)
    as_server = () if server == "root" else (
        program("setpriv"), f"--reuid={SERVER_UID}", f"--regid={SERVER_UID}", "--groups=7,8",
        f"--inh-caps={CAPABILITIES}", f"--ambient-caps={CAPABILITIES}", f"--bounding-set=-all,{CAPABILITIES}", "--",
    )  # fmt: skip
    if as_server:
        assert int(status(*as_server)["CapAmb"], 16)
    found = status(*as_server, *account.prefix)
    assert found["Uid"].split() == found["Gid"].split() == [str(UID)] * 4
    assert found["Groups"].split() == []
    assert [int(found[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")] == [0, 0, 0, 0]
    assert found["NoNewPrivs"] == "1"


def test_a_user_of_the_machine_has_all_groups_and_the_home(tmp_path: Path) -> None:
    found = pwd.getpwnam("nobody")
    for named in ("nobody", str(found.pw_uid)):
        account = task_user(named, str(tmp_path))
        assert (account.name, account.uid, account.home) == ("nobody", found.pw_uid, found.pw_dir)
        assert account.groups == tuple(os.getgrouplist("nobody", found.pw_gid))


def test_its_environment_has_its_own_home_and_none_of_the_servers_places(tmp_path: Path) -> None:
    account = task_user(str(UID), str(tmp_path))
    assert account.environment(INHERITED) == {
        "PATH": "/bin", "HOME": str(tmp_path), "USER": str(UID), "LOGNAME": str(UID), "SHELL": "/bin/sh",
        "ANTHROPIC_API_KEY": "a key of the tasks",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("0", "must be neither root nor the server's own user"),
        ("root", "must be neither root nor the server's own user"),
        ("nobody-of-that-name", "there is no user 'nobody-of-that-name'"),
        ("-1", "there is no user '-1'"),
        ("9" * 30, "is not a uid"),
    ],
)
def test_an_account_that_cannot_isolate_is_refused(named: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(TaskUserError, match=message):
        task_user(named, str(tmp_path))


def test_the_servers_own_account_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskUserError, match="must be neither"):
        task_user(str(os.geteuid()), str(tmp_path))


def test_without_the_program_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TaskUserError, match="needs the program setpriv"):
        task_user("nobody", str(tmp_path))
