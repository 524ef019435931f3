"""The recorder's place in Claude Code's settings: install it, take it out again, look whether it is there."""

from dataclasses import dataclass
from pathlib import Path

from exporter.hooks import entries, json_edit, recorders, settings_file, status_line
from exporter.hooks.settings_file import SettingsError


@dataclass(frozen=True)
class Change:
    """What was done to a settings file: the events that gained, changed and lost the recorder, and the status line."""

    path: Path
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    status_line: str = ""

    @property
    def unchanged(self) -> bool:
        """Tell whether the file was left alone."""
        return not (self.added or self.updated or self.removed or self.status_line)


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
    status_line_dir: Path | None = None
    status_line_works: bool = False


def install(settings_path: Path, sessions_dir: Path, quotas_beside: Path | None = None) -> Change:
    """Have every event recorded below a folder; what else stands in the settings stays as it is written.

    The status line feeds the quotas where it did, and where `quotas_beside` names the user's own settings.
    """
    text, settings = _load(settings_path)
    recorder = recorders.fastest()
    if recorder is None:
        raise SettingsError(
            "No recorder works here: install perl, or run hookmeter with a working Python, then try again."
        )
    folder = sessions_dir.expanduser().absolute()
    changed = entries.with_recorder(settings, lambda event: recorder.command(folder, event))
    if quotas_beside or status_line.is_ours(settings):
        _refuse_to_hide(settings_path, settings, quotas_beside or settings_path)
        changed = status_line.with_quotas(changed, folder)
    return _save(settings_path, text, settings, changed)


def uninstall(settings_path: Path) -> Change:
    """Take the recorder out of every event and give the status line back, and change nothing else."""
    text, settings = _load(settings_path)
    return _save(settings_path, text, settings, status_line.without_quotas(entries.without_recorder(settings)))


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
        status_line_dir=status_line.sessions_dir(settings),
        status_line_works=status_line.works(settings),
    )


def _load(path: Path) -> tuple[str, dict[str, object]]:
    text = settings_file.read(path)
    settings = settings_file.parse(text, path)
    problem = entries.problem(settings) or status_line.problem(settings)
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
        status_line=_status_line_change(before, after),
    )


def _status_line_change(before: dict[str, object], after: dict[str, object]) -> str:
    if before.get(status_line.KEY) == after.get(status_line.KEY):
        return ""
    if not status_line.is_ours(after):
        return "removed"
    return "renewed" if status_line.is_ours(before) else "added"


def _refuse_to_hide(path: Path, settings: dict[str, object], own_path: Path) -> None:
    """A project's status line takes the place of the user's own, which would be gone from the screen."""
    if path.absolute() != own_path.absolute() and not status_line.own_command(settings):
        _, own = _load(own_path)
        if status_line.own_command(own) or status_line.is_ours(own):
            raise SettingsError(
                f"{own_path} has a status line, which one in {path} would hide: let that one feed the quotas, by"
                f" hookmeter hooks install --settings {own_path} --statusline"
            )
