"""`hookmeter uninstall`: nothing of hookmeter in settings and services; data stay, and are named."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from chatserver.cli.service import manager, remove_service
from exporter import paths
from exporter.commands.config_location import config_path
from exporter.commands.place_options import data_dir_option, sessions_dir_option
from exporter.commands.settings_file import claude_settings
from exporter.hooks import installer
from exporter.hooks.plugin import installed_plugins
from exporter.lifecycle.service_unit import LAUNCHD, SYSTEMD
from exporter.sources.files import absolute
from exporter.terminal.messages import say


@click.command()
@sessions_dir_option
@data_dir_option
def uninstall(sessions_dirs: tuple[Path, ...], data_dir: Path) -> None:
    """Remove hooks and status line from your own settings, the service, and the scripts that they ran; data stay."""
    path = claude_settings(user=True)
    recorded = installer.status(path).sessions_dir
    change = installer.uninstall(path)
    say(f"{path}: {len(change.removed)} hooks removed" if change.removed else f"{path} has no hooks of hookmeter")
    if change.status_line:
        say(f"{path}: hookmeter's status line removed")
    for plugin in installed_plugins(path.parent):
        say(f"The plugin {plugin} stays; to remove it, run: {_removal_of(plugin)}")
    if sys.platform in {SYSTEMD, LAUNCHD} and remove_service(found := manager()):
        say(f"{found.path}: removed")
    shutil.rmtree(paths.scripts_dir(), ignore_errors=True)
    usual = (paths.data_dir(), paths.sessions_dir())  # which have data if others were chosen later
    written = (recorded,) if recorded else ()
    places = (*map(Path, absolute((data_dir, *sessions_dirs, *written, *usual))), config_path())
    stays = [place for place in dict.fromkeys(places) if place.exists()]
    if stays:
        say("These stay; to remove them, too: rm -r " + shlex.join(map(str, stays)))
        for place in stays:
            say(f"  {place}: {_size(place):,} bytes")
    say("In projects, run: hookmeter hooks uninstall --project DIR. Then: uv tool uninstall hookmeter")


def _removal_of(plugin: str) -> str:
    """The commands of Claude Code that remove a plugin and its marketplace."""
    marketplace = plugin.partition("@")[2]
    words = (("claude", "plugin", "uninstall", plugin), ("claude", "plugin", "marketplace", "remove", marketplace))
    return " && ".join(map(shlex.join, words))


def _size(path: Path) -> int:
    """The bytes of a file, or of all files below a directory, without what links refer to."""
    if path.is_file():
        return path.stat().st_size
    walked = (Path(directory, name) for directory, _, names in os.walk(path) for name in names)
    return sum(file.lstat().st_size for file in walked if file.exists())
