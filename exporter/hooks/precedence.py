"""What Claude Code's settings files decide together: whether hooks run, and how long transcripts are kept.

Measured with Claude Code 2.1.332. A later file overrides an earlier one: the user's, the project's, the project's local
one, the managed ones. A file that is not managed is ignored as a whole because of one invalid value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporter.hooks import settings_file
from exporter.hooks.settings_path import SettingsError

NO_HOOKS, ONLY_MANAGED_HOOKS, KEPT_DAYS = "disableAllHooks", "allowManagedHooksOnly", "cleanupPeriodDays"


@dataclass(frozen=True, slots=True)
class Decision:
    """The value that counts, and the file that has it."""

    value: bool | int
    path: Path
    managed: bool


@dataclass(frozen=True, slots=True)
class InvalidValue:
    """A value because of which Claude Code ignores a file."""

    path: Path
    key: str
    value: object


@dataclass(frozen=True, slots=True)
class ClaudeSettings:
    """The settings files that exist and can be read, each with its values, in the order of precedence."""

    own: Mapping[Path, Mapping[str, object]]
    managed: Mapping[Path, Mapping[str, object]]

    @classmethod
    def read(cls, own: Sequence[Path], managed: Sequence[Path]) -> ClaudeSettings:
        """Read the files of a user and a project, and the managed ones."""
        return cls(dict(_readable(own)), dict(_readable(managed)))

    def invalid_values(self) -> list[InvalidValue]:
        """The values because of which files are ignored."""
        return [InvalidValue(path, *found) for path, values in self.own.items() for found in _invalid(values)]

    def decision(self, key: str) -> Decision | None:
        """What the files decide; None if no file has a valid value."""
        ignored = {found.path for found in self.invalid_values()}
        own = {path: values for path, values in self.own.items() if path not in ignored}
        for files, managed in ((self.managed, True), (own, False)):
            for path, values in reversed(list(files.items())):
                if _is_valid(key, value := values.get(key)) and isinstance(value, bool | int):
                    return Decision(value, path, managed)
        return None

    def only_managed_hooks(self) -> Path | None:
        """The managed file because of which other hooks do not run; an invalid value counts as true there."""
        key = ONLY_MANAGED_HOOKS
        return next((path for path, values in self.managed.items() if values.get(key, False) is not False), None)


def _readable(paths: Sequence[Path]) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """The files with a JSON object; others are found by the check of hooks."""
    for path in paths:
        try:
            yield path, settings_file.parse(settings_file.read(path), path)
        except SettingsError:
            continue


def _invalid(values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    return ((key, values[key]) for key in (NO_HOOKS, KEPT_DAYS) if key in values and not _is_valid(key, values[key]))


def _is_valid(key: str, value: object) -> bool:
    if key == KEPT_DAYS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return isinstance(value, bool)
