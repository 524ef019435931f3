"""What is set up where the server runs, so that pages can show the commands that work there."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chatserver.api.operations import Operation, endpoint
from chatserver.middleware.gate import current_viewer
from chatserver.threads.offload import offload
from exporter.commands.options import claude_settings
from exporter.hooks import installer
from exporter.hooks.program import NAME, program
from exporter.hooks.settings_file import SettingsError

setup = Blueprint("setup", __name__)


class Setup(msgspec.Struct, frozen=True):
    """Whether hooks are installed in the settings of the server's user, and commands to copy.

    They have the path of hookmeter if it is not on the PATH; only admins see that.
    """

    hooks_installed: bool
    install: str
    doctor: str


@setup.get("/api/setup")
@endpoint(Operation("Get the commands that set up hookmeter where the server runs", Setup))
def show_setup() -> Setup:
    """The commands as they are installed."""
    name = program() if current_viewer().is_admin else NAME
    return Setup(offload(_hooks_installed), f"{name} hooks install", f"{name} doctor")


def _hooks_installed() -> bool:
    try:
        return bool(installer.status(claude_settings(user=True)).installed)
    except SettingsError:
        return False
