"""The plugin for Claude Code: whether it is installed and enabled, and whether its hooks have recorded anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from exporter.hooks import settings_file
from exporter.hooks.settings_path import SettingsError
from exporter.model.regular_files import LARGE_BYTES, read_bounded

NAME = "hookmeter"
INSTALLED = Path("plugins", "installed_plugins.json")
MARK = ".plugin"
"""The file in a sessions directory that the plugin's hooks create before they record there."""


def enabled_plugin(settings_files: Sequence[Path]) -> str:
    """The plugin's name with that of its marketplace, if it is installed and enabled; empty if not.

    The settings are those of the user, of a project and of its user, of which the later override the earlier.
    """
    enabled: dict[str, object] = {}
    for path in settings_files:
        enabled |= _object(_settings(path).get("enabledPlugins"))
    ours = installed_plugins(settings_files[0].parent)
    return next((name for name, value in enabled.items() if value is True and name in ours), "")


def installed_plugins(config_dir: Path) -> tuple[str, ...]:
    """The plugin's name with that of each marketplace from which it is installed in a directory of Claude Code."""
    return tuple(name for name in _installed(config_dir / INSTALLED) if name.partition("@")[0] == NAME)


def recorded_in(sessions_dirs: Iterable[str]) -> tuple[str, ...]:
    """The directories in which the plugin's hooks have recorded."""
    return tuple(directory for directory in sessions_dirs if Path(directory, MARK).exists())


def _settings(path: Path) -> Mapping[str, object]:
    try:
        return settings_file.parse(settings_file.read(path), path)
    except SettingsError:  # which the check of hooks reports
        return {}


def _installed(path: Path) -> Mapping[str, object]:
    """The installed plugins by name; none if there is no list of them in the form that Claude Code writes."""
    try:
        return _object(_object(json.loads(read_bounded(path, LARGE_BYTES))).get("plugins"))
    except (OSError, ValueError, RecursionError):
        return {}


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
