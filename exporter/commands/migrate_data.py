"""`hookmeter migrate-data`: the data of an earlier version in the place where every command finds them."""

from __future__ import annotations

from pathlib import Path

import click

from exporter import paths
from exporter.commands.config_file import with_setting
from exporter.commands.config_location import config_file, config_path
from exporter.commands.value_types import Directory
from exporter.hooks import settings_file
from exporter.lifecycle.migration import migrate_data
from exporter.terminal.messages import fail, say

SETTING = "sessions-dir"


@click.command("migrate-data")
@click.argument("directory", type=Directory(), default=Path(paths.OLD_DATA))
@click.option("--replace", is_flag=True, help="Set data aside that are there already.")
def migrate_data_command(directory: Path, replace: bool) -> None:
    """Move ledger, database, key and search index from DIRECTORY, by default ./data, to where every command finds them.

    Hook logs stay where they are, and are read there from now on: their directories are added to config.toml.
    """
    old, new = directory.absolute(), paths.data_dir()
    if not (old / paths.LEDGER_NAME).is_file():
        fail(f"{old} has no ledger; name the directory `data` of an earlier version", 2)
    if old.resolve() == new.resolve():
        fail(f"{old} is where every command finds its data already", 2)
    done = migrate_data(old, new, lambda: _keep_reading(old.parent), replace=replace)
    say(f"moved to {new}: {', '.join(done.names)}")
    for path in done.set_aside:
        say(f"set aside: {path}")
    say(f"{old} has copies whose names end in .migrated; delete them when you no longer need them.")


def _keep_reading(parent: Path) -> None:
    """Have the hook logs read that an earlier version has read by default."""
    logs = [parent / name for name in paths.OLD_SESSIONS if (parent / name).is_dir()]
    if logs and SETTING not in config_file().settings:
        path, directories = config_path(), [str(each) for each in (paths.sessions_dir(), *logs)]
        text = settings_file.read(path) if path.exists() else ""
        settings_file.write(path, with_setting(text, SETTING, directories))
        say(f"{path}: {SETTING} is now {', '.join(directories)}")
