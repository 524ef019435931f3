"""Where Claude Code's settings file is."""

from __future__ import annotations

from pathlib import Path

from exporter.model.errors import UserError


class SettingsError(UserError):
    """The settings cannot be read or changed, and are unchanged; the message says what, where and how to fix it."""


def settings_path(
    *, user: bool, project: Path | None, settings: Path | None, home: Path, config_dir: Path | None = None
) -> Path:
    """The chosen settings file: the user's own, a project's, or one by its path; exactly one of the three."""
    chosen = [
        *([(config_dir or home / ".claude") / "settings.json"] if user else []),
        *([project / ".claude" / "settings.json"] if project else []),
        *([settings] if settings else []),
    ]
    if len(chosen) != 1:
        raise SettingsError("Choose exactly one settings file: --user, --project DIR or --settings FILE.")
    return chosen[0]
