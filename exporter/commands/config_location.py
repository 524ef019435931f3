"""Where the file of settings is."""

from __future__ import annotations

import os
from pathlib import Path

from exporter import paths
from exporter.commands.config_file import ConfigFile, read_config

CONFIG_VARIABLE = "HOOKMETER_CONFIG"


def config_path() -> Path:
    """The path of the file of settings."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named).expanduser().absolute() if named else paths.config_file()


def config_file() -> ConfigFile:
    """The file of settings, which must exist if the variable names it. Raises ConfigFileError."""
    return read_config(config_path(), must_exist=bool(os.environ.get(CONFIG_VARIABLE)))
