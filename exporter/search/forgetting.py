"""Removes what was kept of sessions: their texts in the index, and their titles in index and ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from exporter.ledger.file_names import FILE_NAME, KEPT_SUFFIX
from exporter.ledger.reading import read_ledger
from exporter.ledger.titles import remove_titles
from exporter.search.forgotten import add_forgotten
from exporter.search.index_file import index_path, readable_index, translated_errors, writable_index
from exporter.search.view import project_paths
from exporter.search.writer import IndexWriter


@dataclass(frozen=True, slots=True)
class Forgettable:
    """Sessions by id, of which index or ledger keep something; `project` is the name that selected them, if it did."""

    sessions: tuple[str, ...]
    project: str = ""


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed. The old content may be on disk until the next write if it is not yet `erased`."""

    texts: int
    titles: int
    erased: bool


def forgettable(data_dir: Path, name: str) -> Forgettable:
    """The sessions of a project with this path or name; else those whose id starts with it.

    Raises SearchIndexError, LedgerError.
    """
    known = _known_sessions(data_dir)
    paths = project_paths(data_dir, name) | _labelled(data_dir, name)
    in_project = tuple(sorted(session for session, project in known.items() if project in paths))
    if in_project:
        return Forgettable(in_project, name)
    if name in known:
        return Forgettable((name,))
    return Forgettable(tuple(sorted(session for session in known if session.startswith(name))))


def forget(data_dir: Path, sessions: Collection[str]) -> Removed:
    """Remove what was kept of sessions, and never index them again. Raises SearchIndexError, LedgerError."""
    path, texts, erased = index_path(data_dir), 0, True
    with translated_errors(path):
        add_forgotten(data_dir, sessions)  # first, as another process may be about to add more of them
        if path.exists():
            with writable_index(data_dir) as connection:
                writer = IndexWriter(connection)
                texts = writer.remove_sessions(sessions)
                erased = writer.erase_remains()
    return Removed(texts, remove_titles(data_dir, sessions), erased)


def set_aside(data_dir: Path) -> list[Path]:
    """Older ledgers and indexes that were set aside, which may have what is removed from those in use."""
    names = (FILE_NAME, index_path(data_dir).name)
    found = [path for name in names for path in data_dir.glob(f"{name}.*")]
    return sorted(path for path in found if path.name != f"{FILE_NAME}{KEPT_SUFFIX}")


def _known_sessions(data_dir: Path) -> dict[str, str]:
    """The paths of projects by session."""
    known: dict[str, str] = {}
    with read_ledger(data_dir) as ledger:
        if ledger:
            known |= {session.session_id: session.project for session in ledger.records.sessions_since(0)}
    with readable_index(data_dir) as connection:
        if connection:
            known |= dict(connection.execute("SELECT session, project FROM sessions"))
    return known


def _labelled(data_dir: Path, name: str) -> set[str]:
    """The paths of the projects in the ledger with this path or label."""
    with read_ledger(data_dir) as ledger:
        labels = ledger.labels() if ledger else {}
    return {path for path, label in labels.items() if name in {path, label}}
