"""What is set up where the server runs, so that pages can show the commands that work there."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec
from flask import Blueprint

from chatserver.api.operations import Operation, endpoint
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.commands.settings_file import claude_settings
from exporter.hooks import installer
from exporter.hooks.program import NAME, program
from exporter.hooks.settings_path import SettingsError
from exporter.sources.files import absolute

setup = Blueprint("setup", __name__)


class Setup(msgspec.Struct, frozen=True):
    """Whether hooks are installed in the settings of the server's user, and commands to copy.

    They work in any shell and directory: they have the directories of the server, and the path of hookmeter if it is
    not on the PATH. Only admins see paths.
    """

    hooks_installed: bool
    install: str
    doctor: str


@setup.get("/api/setup")
@endpoint(Operation("Get the commands that set up hookmeter where the server runs", Setup))
def show_setup() -> Setup:
    """The commands as they are installed."""
    installed = offload(_hooks_installed)
    if not current_viewer().is_admin:
        return Setup(installed, f"{NAME} hooks install", f"{NAME} doctor")
    name, settings = program(), services().settings.exporter
    logs = _options("--sessions-dir", settings.sessions_dirs)
    data = _options("--data-dir", (settings.data_dir,))
    return Setup(installed, f"{name} hooks install {logs}", f"{name} doctor {logs} {data}")


def _options(name: str, directories: Sequence[Path]) -> str:
    """The options for directories, whatever directory the shell is in."""
    return " ".join(f"{name} {shlex.quote(path)}" for path in absolute(tuple(directories)))


def _hooks_installed() -> bool:
    try:
        return installer.are_installed(claude_settings(user=True))
    except SettingsError:
        return False
