"""Another account of the machine, which only root can become: one without an entry in the list of users."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chatserver.task_user import TaskUser, task_user

UID = 61234


def other_account(home: Path) -> TaskUser:
    """The account, with a home; the test is skipped where it runs without the right to become another user."""
    if os.geteuid():
        pytest.skip("only root can run programs as another user")
    return task_user(str(UID), str(home))


@contextmanager
def open_directory() -> Iterator[Path]:
    """A temporary directory that other accounts reach; pytest closes its own to them."""
    with TemporaryDirectory(dir="/tmp", prefix="hookmeter-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def give(*paths: Path) -> None:
    """Have the account own directories with all that is in them."""
    for path in paths:
        for each in (path, *path.rglob("*")):
            os.chown(each, UID, UID, follow_symlinks=False)


def can_use(account: TaskUser, path: Path | str) -> bool:
    """Whether the account may execute a program, wherever the checkout is."""
    return not subprocess.run([*account.prefix, "/bin/sh", "-c", '[ -x "$0" ]', path], cwd="/", check=False).returncode


def usable(account: TaskUser, program: Path, directory: Path) -> Path:
    """A program that the account may execute: itself, or a copy."""
    if can_use(account, program):
        return program
    copy = directory / program.name
    try:
        copy.hardlink_to(program.resolve())
    except OSError:  # on another file system
        shutil.copy(program, copy)
    return copy
