"""Before any task runs, the server finds out whether the account of the tasks could reach what must be its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import SubprocessError

import pytest

from chatserver.settings import ServerSettings
from chatserver.task_user import TaskUser, TaskUserError
from chatserver.tasks.isolation import check_isolation
from chatserver.tasks.quotas import store_quotas
from tests.chatserver.world import made_settings
from tests.support.other_account import UID, can_use, give, open_directory, other_account

WINDOWS = {"five_hour": {"used_percentage": 42.0, "resets_at": 1_900_000_000}}


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory that the account reaches."""
    with open_directory() as directory:
        yield directory


@pytest.fixture
def account(tmp_path: Path) -> TaskUser:
    return other_account(tmp_path / "home")


@pytest.fixture
def settings(account: TaskUser, tmp_path: Path) -> ServerSettings:
    """A server whose tasks are isolated."""
    made = made_settings(tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / "data").mkdir(mode=0o700)
    for name in ("data/secret.key", "key", "data/server.sqlite3"):
        (tmp_path / name).touch(0o600)
    give(tmp_path / "home", tmp_path / "workspace")
    url = f"sqlite:///{tmp_path}/data/server.sqlite3"
    tasks = replace(made.tasks, user=account)
    return replace(made, tasks=tasks, database_url=url, secret_key_file=tmp_path / "key")


def test_an_account_that_reaches_nothing_of_the_server_is_accepted(settings: ServerSettings) -> None:
    check_isolation(settings)
    check_isolation(replace(settings, database_url="postgresql+psycopg://db/hookmeter", secret_key_file=None))


def test_without_an_account_of_their_own_nothing_is_checked(settings: ServerSettings, tmp_path: Path) -> None:
    (tmp_path / "key").chmod(0o666)
    check_isolation(replace(settings, tasks=replace(settings.tasks, user=None)))


def given(path: Path) -> None:
    os.chown(path, UID, UID)


HOLES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a key that others may read": ("key", lambda path: path.chmod(0o604), "could read"),
    "a key that it owns": ("key", given, "could read"),
    "a database that others may read": ("other/db", lambda path: path.chmod(0o644), "could read"),
    "a database that others may write": ("other/db", lambda path: path.chmod(0o602), "could change"),
    "a directory of a database that others may write": ("other", lambda path: path.chmod(0o1777), "could change"),
    "a data directory that others may write": ("data", lambda path: path.chmod(0o703), "could change"),
    "a data directory in which others may create files": ("data", lambda path: path.chmod(0o1703), "could change"),
    "a data directory that it owns": ("data", given, "could change"),
    "a directory above that it owns": (".", given, "could exchange what is in"),
    "a directory above in which others may create files": (".", lambda path: path.chmod(0o1703), ""),
    "a directory above in which others may exchange files": (".", lambda path: path.chmod(0o703), "could exchange"),
    "a workspace that it cannot enter": ("workspace", lambda path: path.chmod(0), "cannot use"),
    "a program that it cannot start": ("claude", lambda path: path.chmod(0o700), "cannot use"),
}


@pytest.mark.parametrize("hole", HOLES)
def test_what_it_could_reach_is_named(settings: ServerSettings, tmp_path: Path, hole: str) -> None:
    name, open_hole, message = HOLES[hole]
    if name == "claude":
        settings = replace(settings, tasks=replace(settings.tasks, claude=str(tmp_path / "claude")))
        (tmp_path / "claude").touch()
    if name.startswith("other"):
        settings = replace(settings, database_url=f"sqlite:///{tmp_path}/other/db")
        (tmp_path / "other").mkdir(mode=0o755)
        (tmp_path / "other" / "db").touch(0o600)
    open_hole(tmp_path / name)
    if not message:
        check_isolation(settings)
        return
    with pytest.raises(TaskUserError, match=message) as refused:
        check_isolation(settings)
    assert f"{tmp_path / name}" in str(refused.value)
    assert str(refused.value).startswith(f"--task-user {UID}: it ")


def test_a_server_that_may_not_start_programs_as_others_says_what_it_needs(settings: ServerSettings) -> None:
    assert settings.tasks.user
    without = replace(settings.tasks.user, setpriv="/bin/false")
    with pytest.raises(TaskUserError, match="start the server as root, or with the capabilities"):
        check_isolation(replace(settings, tasks=replace(settings.tasks, user=without)))


def test_a_database_file_is_not_opened_through_a_link_that_it_could_exchange(
    settings: ServerSettings, tmp_path: Path
) -> None:
    link = tmp_path / "home" / "data"
    link.symlink_to(tmp_path / "data")
    with pytest.raises(TaskUserError, match=f"could exchange what is in {tmp_path}/home,"):
        check_isolation(replace(settings, exporter=replace(settings.exporter, data_dir=link)))


def test_quotas_are_written_by_the_account_that_owns_the_directory(account: TaskUser, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    give(tmp_path / "home")
    try:
        store_quotas(tmp_path / "home" / "logs", WINDOWS, account)
    except SubprocessError:  # as where the checkout is in a directory that is closed to others
        assert not can_use(account, sys.executable)
        return
    file = tmp_path / "home" / "logs" / "rate_limits.json"
    assert json.loads(file.read_bytes())["windows"]["five_hour"]["used_percentage"] == 42.0
    assert file.stat().st_uid == UID


def test_quotas_do_not_follow_a_link_to_where_only_the_server_may_write(account: TaskUser, tmp_path: Path) -> None:
    for name in ("home", "servers"):
        (tmp_path / name).mkdir(mode=0o755)
    (tmp_path / "home" / "logs").symlink_to(tmp_path / "servers")
    give(tmp_path / "home")
    with pytest.raises(SubprocessError):
        store_quotas(tmp_path / "home" / "logs", WINDOWS, account)
    assert list((tmp_path / "servers").iterdir()) == []


def test_programs_of_the_account_inherit_nothing_of_the_server(
    settings: ServerSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret")
    recording = tmp_path / "setpriv"
    recording.write_text(f"#!/bin/sh\n/usr/bin/env >>'{tmp_path}/environment'\n")
    recording.chmod(0o755)
    assert settings.tasks.user
    user = replace(settings.tasks.user, setpriv=str(recording))
    check_isolation(replace(settings, tasks=replace(settings.tasks, user=user)))
    store_quotas(tmp_path, WINDOWS, user)
    found = (tmp_path / "environment").read_text().splitlines()
    assert len(found) >= 2
    assert {line.partition("=")[0] for line in found} <= {"PWD", "OLDPWD", "SHLVL", "_"}  # the shell's own
