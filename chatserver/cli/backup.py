"""`hookmeter backup` and `hookmeter restore`: ledger, database, key, search index and settings in one archive."""

from __future__ import annotations

import os
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from chatserver.options import OPTIONS, variable
from chatserver.storage.location import database_url as url_of
from exporter.commands.config_location import config_path
from exporter.commands.place_options import data_dir_option
from exporter.commands.value_types import NamedPath
from exporter.lifecycle.backup import CONFIG, restore_backup, write_backup
from exporter.lifecycle.data_files import NAMES, SEARCH, SERVER
from exporter.terminal.messages import say

DATABASE = "--database-url"
database_option = click.option(DATABASE, envvar=variable(DATABASE), show_envvar=True, **OPTIONS[DATABASE])


@click.command()
@click.argument("target", type=NamedPath())
@data_dir_option
@database_option
@click.option("--without-search", is_flag=True, help="Leave out the search index, which is built again from the logs.")
def backup(target: str, data_dir: Path, database_url: str | None, without_search: bool) -> None:
    """Write ledger, database, key, search index and config.toml to the archive TARGET, also while hookmeter runs.

    If TARGET is a directory or ends with a slash, the name of the archive is the time. It can be read by you alone.
    """
    files = _places(data_dir, database_url)
    chosen = {name: file for name, file in files.items() if not (without_search and name == SEARCH)}
    path = write_backup(chosen, Path(target), as_directory=target.endswith(os.sep))
    say(f"{path}: {path.stat().st_size:,} bytes")
    if SERVER not in files:
        say("The server's database is PostgreSQL: back it up with pg_dump.")


@click.command()
@click.argument("archive", type=NamedPath(path_type=Path, dir_okay=False, exists=True))
@data_dir_option
@database_option
def restore(archive: Path, data_dir: Path, database_url: str | None) -> None:
    """Restore what ARCHIVE has; stop hookmeter first. Existing files are set aside, an existing config.toml stays.

    When the exporter starts, it counts what was logged since the backup.
    """
    done = restore_backup(archive, _places(data_dir.absolute(), database_url))
    say(f"restored to {data_dir}: {', '.join(done.names)}")
    for path in done.set_aside:
        say(f"set aside: {path}")
    for name in done.kept:
        say(f"{config_path()} is left as it is; the archive has its own {name}")


def _places(data_dir: Path, url: str | None) -> dict[str, Path]:
    """Where each file of a backup is; the database only if it is a file."""
    places = {name: data_dir / name for name in NAMES} | {CONFIG: config_path()}
    parsed = make_url(url_of(url, data_dir))
    if parsed.get_backend_name() != "sqlite":
        del places[SERVER]
    elif parsed.database:
        places[SERVER] = Path(parsed.database)
    return places
