"""Installing the recorder in Claude Code's settings, removing it, and its status there."""

import os
from dataclasses import dataclass
from pathlib import Path

from exporter import paths
from exporter.hooks import compiled, entries, json_edit, kept_scripts, recorders, settings_file, status_line
from exporter.hooks.settings_path import SettingsError
from exporter.hooks.trial import DOES_NOT_RUN


@dataclass(frozen=True)
class Change:
    """The changes to a settings file: the events whose recorder was added, updated or removed, and the status line."""

    path: Path
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    status_line: str = ""

    @property
    def unchanged(self) -> bool:
        """Whether the file was not changed."""
        return not (self.added or self.updated or self.removed or self.status_line)


@dataclass(frozen=True)
class HookStatus:
    """The recorder and the status line in a settings file; their problems are phrases, empty if they work."""

    path: Path
    exists: bool
    installed: tuple[str, ...]
    missing: tuple[str, ...]
    disabled: bool
    recorder: Path | None
    recorder_problem: str
    sessions_dir: Path | None
    status_line_dir: Path | None = None
    status_line_problem: str = ""


def install(
    settings_path: Path, sessions_dir: Path, user_settings: Path | None = None, data_dir: Path | None = None
) -> Change:
    """Record every event into a directory; everything else in the settings keeps its formatting.

    The status line records the quotas if it already did, or if `user_settings` is given: the path of the user's own
    settings, whose status line must not be hidden. With a data directory, it shows the costs of today, too.
    """
    text, settings = _load(settings_path)
    directory, scripts = sessions_dir.expanduser().absolute(), _scripts_dir(settings_path)
    kept = compiled.compiled_recorder(scripts) or _kept_script(scripts)
    changed = entries.with_recorder(settings, lambda event: kept.command(directory, event))
    if user_settings or status_line.is_ours(settings):
        _refuse_to_hide(settings_path, settings, user_settings or settings_path)
        script = kept_scripts.kept_script(status_line.SCRIPT, scripts)
        changed = status_line.with_quotas(changed, directory, data_dir, script=script)
    return _save(settings_path, text, settings, changed)


def uninstall(settings_path: Path) -> Change:
    """Remove the recorder from every event and restore the status line, and change nothing else.

    A file in which nothing else was is removed.
    """
    text, settings = _load(settings_path)
    remaining = status_line.without_quotas(entries.without_recorder(settings))
    change = _save(settings_path, text, settings, remaining)
    if not (remaining or change.unchanged or settings_path.is_symlink()):
        settings_file.remove(settings_path)
    return change


def status(settings_path: Path) -> HookStatus:
    """The status of the recorder and the status line; nothing that the settings name is run."""
    _, settings = _load(settings_path)
    commands = entries.recorder_commands(settings)
    found = next(filter(None, map(recorders.parse_command, commands.values())), None)
    recorder, sessions_dir = found or (None, None)
    return HookStatus(
        path=settings_path,
        exists=settings_path.exists(),
        installed=tuple(commands),
        missing=tuple(event for event in entries.EVENTS if event not in commands),
        disabled=settings.get("disableAllHooks") is True,
        recorder=recorder.script if recorder else None,
        recorder_problem=_problem(recorder) if recorder else DOES_NOT_RUN,
        sessions_dir=sessions_dir,
        status_line_dir=status_line.sessions_dir(settings),
        status_line_problem=status_line.malfunction(settings),
    )


def are_installed(settings_path: Path) -> bool:
    """Whether the settings have hooks of the recorder; unlike `status`, this starts no program."""
    _, settings = _load(settings_path)
    return bool(entries.recorder_commands(settings))


def _kept_script(scripts: Path) -> recorders.Recorder:
    recorder = recorders.fastest()
    if recorder is None:
        raise SettingsError(
            "No recorder works here: install perl, or run hookmeter with a working Python, then try again."
        )
    return kept_scripts.kept_recorder(recorder, scripts)


def _problem(recorder: recorders.Recorder) -> str:
    if recorder.script.suffix != compiled.SUFFIX:
        return recorders.malfunction(recorder)
    return compiled.malfunction(recorder, (paths.scripts_dir(), paths.scripts_dir(for_all_users=True)))


def _scripts_dir(settings_path: Path) -> Path:
    """Where the scripts of settings are kept: those that root writes for others must be readable for them."""
    is_for_others = os.geteuid() == 0 and not settings_path.absolute().is_relative_to(Path.home())
    return paths.scripts_dir(for_all_users=is_for_others)


def _load(path: Path) -> tuple[str, dict[str, object]]:
    text = settings_file.read(path)
    settings = settings_file.parse(text, path)
    problem = entries.problem(settings) or status_line.problem(settings)
    if problem:
        raise SettingsError(f"{path}: {problem}; fix it there, then try again.")
    return text, settings


def _save(path: Path, text: str, before: dict[str, object], after: dict[str, object]) -> Change:
    if after != before:
        settings_file.write(path, json_edit.edited(text, after))
    old, new = entries.recorder_commands(before), entries.recorder_commands(after)
    groups_before, groups_after = entries.groups_by_event(before), entries.groups_by_event(after)
    return Change(
        path,
        added=tuple(event for event in new if event not in old),
        updated=tuple(event for event in new if event in old and groups_before[event] != groups_after[event]),
        removed=tuple(event for event in old if event not in new),
        status_line=_status_line_change(before, after),
    )


def _status_line_change(before: dict[str, object], after: dict[str, object]) -> str:
    if before.get(status_line.KEY) == after.get(status_line.KEY):
        return ""
    if not status_line.is_ours(after):
        return "removed"
    return "updated" if status_line.is_ours(before) else "added"


def _refuse_to_hide(path: Path, settings: dict[str, object], own_path: Path) -> None:
    """A status line in a project's settings replaces the user's own, which would no longer be shown."""
    if path.absolute() != own_path.absolute() and not status_line.own_command(settings):
        _, own = _load(own_path)
        if status_line.own_command(own) or status_line.is_ours(own):
            raise SettingsError(
                f"a status line in {path} would hide the one in {own_path}: record the quotas with that one, by"
                f" hookmeter hooks install --settings {own_path} --statusline"
            )
