"""The account that tasks run as, if it is another than the server's."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from exporter.model.errors import UserError

# What the server's account has for itself: directories, sockets and agents that another account cannot use.
OWN_VARIABLES = ("XDG_", "SUDO_", "DBUS_", "MAIL", "TMPDIR", "SSH_AUTH_SOCK")
NO_UID = 2**32 - 1


class TaskUserError(UserError):
    """Tasks cannot run as the account, or would not be isolated by it; the message says why, and how to fix it."""


@dataclass(frozen=True, slots=True)
class TaskUser:
    """An account, and the program that starts others as another account."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str
    shell: str
    setpriv: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """The words before a command that run it as this account, without any privilege and any way to gain one."""
        groups = f"--groups={','.join(map(str, self.groups))}" if self.groups else "--clear-groups"
        return (
            self.setpriv, f"--reuid={self.uid}", f"--regid={self.gid}", groups,
            "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs", "--",
        )  # fmt: skip

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """An environment with this account's home instead of the server's."""
        kept = {name: value for name, value in inherited.items() if not name.startswith(OWN_VARIABLES)}
        return {**kept, "HOME": self.home, "USER": self.name, "LOGNAME": self.name, "SHELL": self.shell}


def task_user(named: str, own_home: str) -> TaskUser:
    """The account of a name or uid; a uid without an account has the group of that number, and the server's home.

    Raises TaskUserError.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise TaskUserError("--task-user needs the program setpriv, which is part of util-linux on Linux; install it.")
    found = _account(named)
    if found is None and not named.isdecimal():
        raise TaskUserError(f"--task-user: there is no user {named!r}; name one that exists, or a uid.")
    uid = found.pw_uid if found else int(named)
    if uid >= NO_UID:
        raise TaskUserError(f"--task-user {named} is not a uid; name a user or a uid.")
    if uid in {0, os.geteuid()}:
        raise TaskUserError(f"--task-user {named} must be neither root nor the server's own user; name another one.")
    if found is None:
        return TaskUser(named, uid, uid, (), own_home, "/bin/sh", setpriv)
    groups = tuple(os.getgrouplist(found.pw_name, found.pw_gid))
    return TaskUser(found.pw_name, uid, found.pw_gid, groups, found.pw_dir, found.pw_shell or "/bin/sh", setpriv)


def _account(named: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(int(named)) if named.isdecimal() else pwd.getpwnam(named)
    except (KeyError, OverflowError):
        return None
