"""The recorder's place in Claude Code's settings: install it, take it out again, look whether it is there."""

from dataclasses import dataclass
from pathlib import Path

from exporter.hooks import entries, json_edit, recorders, settings_file
from exporter.hooks.settings_file import SettingsError


@dataclass(frozen=True)
class Change:
    """What was done to a settings file: the events that gained, changed and lost the recorder."""

    path: Path
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def unchanged(self) -> bool:
        """Tell whether the file was left alone."""
        return not (self.added or self.updated or self.removed)


@dataclass(frozen=True)
class HookStatus:
    """What a settings file says about the recorder, and whether that recorder works."""

    path: Path
    exists: bool
    installed: tuple[str, ...]
    missing: tuple[str, ...]
    disabled: bool
    recorder: Path | None
    recorder_works: bool
    sessions_dir: Path | None


def install(settings_path: Path, sessions_dir: Path) -> Change:
    """Have every event recorded below a folder; what else stands in the settings stays as it is written."""
    text, settings = _load(settings_path)
    recorder = recorders.fastest()
    if recorder is None:
        raise SettingsError(
            "No recorder works here: install perl, or run hookmeter with a working Python, then try again."
        )
    folder = sessions_dir.expanduser().absolute()
    changed = entries.with_recorder(settings, lambda event: recorder.command(folder, event))
    return _save(settings_path, text, settings, changed)


def uninstall(settings_path: Path) -> Change:
    """Take the recorder out of every event, and nothing else."""
    text, settings = _load(settings_path)
    return _save(settings_path, text, settings, entries.without_recorder(settings))


def status(settings_path: Path) -> HookStatus:
    """Look at the settings, and try the recorder that they name."""
    _, settings = _load(settings_path)
    commands = entries.own_commands(settings)
    found = next(filter(None, map(recorders.read_command, commands.values())), None)
    recorder, sessions_dir = found or (None, None)
    return HookStatus(
        path=settings_path,
        exists=settings_path.exists(),
        installed=tuple(commands),
        missing=tuple(event for event in entries.EVENTS if event not in commands),
        disabled=settings.get("disableAllHooks") is True,
        recorder=recorder.script if recorder else None,
        recorder_works=recorder is not None and recorders.works(recorder),
        sessions_dir=sessions_dir,
    )


def _load(path: Path) -> tuple[str, dict[str, object]]:
    text = settings_file.read(path)
    settings = settings_file.parse(text, path)
    problem = entries.problem(settings)
    if problem:
        raise SettingsError(f"{path}: {problem}; correct it there, then try again.")
    return text, settings


def _save(path: Path, text: str, before: dict[str, object], after: dict[str, object]) -> Change:
    if after != before:
        settings_file.write(path, json_edit.edited(text, after))
    old, new = entries.own_commands(before), entries.own_commands(after)
    groups_before, groups_after = entries.groups_by_event(before), entries.groups_by_event(after)
    return Change(
        path,
        added=tuple(event for event in new if event not in old),
        updated=tuple(event for event in new if event in old and groups_before[event] != groups_after[event]),
        removed=tuple(event for event in old if event not in new),
    )
