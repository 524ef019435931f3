"""`hookmeter users`: manage the users of the server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from chatserver.accounts.passwords import PasswordError
from chatserver.accounts.users import ADMIN, USER, User, UserError, Users
from chatserver.options import OPTIONS, variable
from chatserver.storage.database import Database, DatabaseError, open_database
from chatserver.storage.location import database_url
from chatserver.tasks.store import TaskStore
from exporter.commands.place_options import data_dir_option
from exporter.model.clock import from_us
from exporter.terminal.descriptions import Column, PlainTable
from exporter.terminal.messages import say, say_json
from exporter.terminal.tables import show

DATABASE = "--database-url"
MAX_CHARACTERS = 1000


@click.group()
def users() -> None:
    """Manage the users of the server."""


def with_database(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the database, which the command gets opened."""

    @wraps(command)
    def opening(data_dir: Path, database_url: str | None, **given: Any) -> None:
        with _opened(database_url, data_dir) as opened:
            command(opened, **given)

    option = click.option(DATABASE, envvar=variable(DATABASE), show_envvar=True, **OPTIONS[DATABASE])
    return data_dir_option(option(opening))


@users.command(short_help="Add a user.")
@click.argument("name")
@click.option("--admin", is_flag=True, help="The user sees and changes the tasks of all users.")
@with_database
def add(opened: Database, name: str, admin: bool) -> None:
    """Add a user; the password is asked for, or read from standard input. The first user is an admin."""
    user = Users(opened).register(name, _password(), ADMIN if admin else USER)
    say(f"{user.name} can log in now.")
    if user.role == ADMIN and not admin:
        say(f"As the first user, {user.name} is an admin, who sees everything.")


@users.command(short_help="Set a user's password.")
@click.argument("name")
@click.option("--stop-tasks", is_flag=True, help="Also stop the user's pending and running tasks.")
@with_database
def passwd(opened: Database, name: str, stop_tasks: bool) -> None:
    """Set a password, asked for or read from standard input; the user is logged out everywhere."""
    user = Users(opened).change_password(name, _password())
    say(f"{user.name} has a new password, and is logged out everywhere.")
    if stop_tasks:
        _stop_tasks(opened, user)


@users.command(short_help="Make a user an admin.")
@click.argument("name")
@with_database
def promote(opened: Database, name: str) -> None:
    """Make a user an admin, who sees and changes the tasks of all users, and sees all sessions."""
    user = Users(opened).set_role(name, ADMIN)
    say(f"{user.name} is an admin, and sees everything from the next login on.")


@users.command(short_help="Make an admin an ordinary user.")
@click.argument("name")
@with_database
def demote(opened: Database, name: str) -> None:
    """Make an admin an ordinary user, who sees their own tasks and the sessions of these."""
    user = Users(opened).set_role(name, USER)
    say(f"{user.name} is an ordinary user, and is logged out everywhere.")


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@with_database
def list_users(opened: Database, as_json: bool) -> None:
    """List all users."""
    lines = [(user.user_id, user.name, user.role, from_us(user.created_us)) for user in Users(opened).list()]
    if as_json:
        columns = ("user_id", "name", "role", "created_at")
        say_json([dict(zip(columns, (*line[:3], line[3].isoformat()), strict=True)) for line in lines])
    elif lines:
        rows = [
            (name, role, f"{created.astimezone():%Y-%m-%d %H:%M}", user_id) for user_id, name, role, created in lines
        ]
        show(PlainTable((Column("name"), Column("role"), Column("since"), Column("user_id")), rows))
    else:
        say("There are no users yet; add one: hookmeter users add NAME --admin")


@users.command(short_help="Remove a user and stop their tasks.")
@click.argument("name")
@with_database
def remove(opened: Database, name: str) -> None:
    """Remove a user, who is logged out everywhere, and stop their tasks. Ended tasks and chats stay."""
    user = Users(opened).remove(name)
    say(f"{user.name} can no longer log in.")
    _stop_tasks(opened, user)


def _stop_tasks(opened: Database, user: User) -> None:
    """Stop the tasks of a user, which no request can add to any more; their servers notice within about a second."""
    if stopped := TaskStore(opened).stop_all_of(user.user_id):
        say(f"{len(stopped)} of their tasks {'are' if len(stopped) > 1 else 'is'} stopped.")


@contextmanager
def _opened(url: str | None, data_dir: Path) -> Iterator[Database]:
    try:
        with open_database(database_url(url, data_dir)) as database:
            yield database
    except (DatabaseError, UserError, PasswordError) as error:
        raise click.ClickException(str(error)) from None


def _password() -> str:
    """The password as typed twice without echo; without a terminal, the first line of standard input."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    try:
        return sys.stdin.readline(MAX_CHARACTERS).rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise PasswordError("The password on standard input is not UTF-8; encode it as UTF-8.") from error
