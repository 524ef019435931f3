"""`hookmeter forget`: removes what was kept of what was said in sessions."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from exporter.commands.place_options import Places, data_dir_option, places_options
from exporter.model.text import listed
from exporter.search.forgetting import Forgettable, forget, forgettable, set_aside
from exporter.sources.files import absolute, is_safe_name
from exporter.sources.session_transcripts import transcript_paths_of
from exporter.sources.transcript_files import SUFFIX
from exporter.terminal.messages import fail, say, warn

MAX_SHOWN = 5
MIN_START = 4  # of a session's UUID


@click.command("forget")
@click.argument("name", metavar="SESSION|PROJECT")
@click.option("--yes", is_flag=True, help="Do not ask.")
@places_options
@data_dir_option
def forget_command(name: str, yes: bool, places: Places, data_dir: Path) -> None:
    """Remove the texts of a session or of all sessions of a project from the search index, and their titles.

    The start of a session's UUID is enough. They are not indexed again. Counters, totals and costs stay as they are,
    and so do logs and transcripts: delete these yourself.
    """
    found = forgettable(data_dir, name) if name else Forgettable(())
    if not found.sessions:
        fail(f"no session or project {name!r} in {data_dir}; list sessions with: hookmeter sessions --since 30d", 1)
    if not found.project and len(found.sessions) > 1:
        fail(f"{len(found.sessions)} sessions start with {name!r}: {_some(found.sessions)}; add more of the UUID", 1)
    if not found.project and found.sessions[0] != name and len(name) < MIN_START:
        fail(f"{name!r} is too short for a session; add more of the UUID", 1)
    if not yes:
        _ask(found)
    removed = forget(data_dir, found.sessions)
    say(f"Removed {_number(removed.texts, 'text')} and {_number(removed.titles, 'title')} of {_what(found)}.")
    if not removed.erased:
        warn("a reader has the index open; its old content is erased from disk when the index is written next")
    _say_what_stays(found, places)
    _say_paths("Copies that were set aside may still have it; delete those that nobody needs:", set_aside(data_dir))


def _ask(found: Forgettable) -> None:
    if not sys.stdin.isatty():
        fail("removing what is kept cannot be undone; confirm it with --yes", 1)
    click.confirm(f"Remove what is kept of what was said in {_what(found)}? This cannot be undone", abort=True)


def _what(found: Forgettable) -> str:
    if found.project:
        return f"{_number(len(found.sessions), 'session')} of project {found.project}"
    return f"session {found.sessions[0]}"


def _say_what_stays(found: Forgettable, places: Places) -> None:
    roots = absolute(places.sessions_dirs)
    files = [path for session in found.sessions for path in _files(session, roots, places.transcript_roots)]
    say("Counters, totals and costs are unchanged." + ("" if files else " No log or transcript is left."))
    _say_paths("Logs and transcripts stay, and are not indexed again; delete them to forget them altogether:", files)


def _say_paths(about: str, paths: Sequence[str | Path]) -> None:
    """Print what there is to say about paths, and the first of them, if there are any."""
    for line in (about, *(f"  {path}" for path in paths[:MAX_SHOWN])) if paths else ():
        say(line)
    if paths[MAX_SHOWN:]:
        say(f"  … and {len(paths) - MAX_SHOWN} more")


def _files(session: str, roots: list[str], transcript_roots: tuple[str, ...]) -> list[str]:
    """The log directories and transcripts of a session."""
    if not is_safe_name(session):
        return []
    logs = [path for root in roots if os.path.isdir(path := f"{root}{os.sep}{session}")]  # noqa: PTH112 - paths are str here
    paths = transcript_paths_of(session, transcript_roots, lambda _path, _error: None)
    return logs + [f"{path}{SUFFIX}" for path in paths]


def _some(sessions: tuple[str, ...]) -> str:
    return f"{listed(sessions[:MAX_SHOWN])}{' …' if sessions[MAX_SHOWN:] else ''}"


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"
