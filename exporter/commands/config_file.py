"""`config.toml`: every flag of hookmeter in a file, below environment variables and flags in precedence.

At its top are the settings, which apply to each command that has the flag; a table such as [cost] or [hooks.install]
has any flags of one command. A path is absolute or begins with ~, so that it means the same in every directory.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from exporter.model.errors import UserError
from exporter.model.regular_files import LARGE_BYTES, read_bounded

# The flags that have an environment variable, in the order in which they are listed.
SETTINGS = (
    "sessions-dir", "transcripts-dir", "prices", "managed-settings", "daily-budget-usd", "monthly-budget-usd",
    "data-dir", "no-search", "keep-search", "keep-logs", "prune-logs", "metrics-listen", "metrics-host",
    "web.config.file", "label-values", "env", "secret-key-file", "listen", "database-url", "origin", "host", "proxies",
    "claude", "workspace", "task-user", "slots", "task-model", "permission-mode", "allow-model",
    "allow-permission-mode", "task-timeout", "max-budget-usd", "max-turns", "grafana-url", "runbooks-url", "server-url",
    "instance", "agent", "exporter-elsewhere",
)  # fmt: skip
NESTED = frozenset(name.partition(".")[0] for name in SETTINGS if "." in name)  # their dots make tables of TOML
# Confirmations, which are given each time, and what starts something else altogether.
NOT_IN_FILE = frozenset({"help", "yes", "move", "replace", "demo"})
RUN = "run"
PATHS = frozenset({"path", "file", "directory"})  # types of options

Table = Mapping[str, Any]


class ConfigFileError(UserError):
    """The file of settings is not valid; the message says what, where and how to fix it."""


class ConfigFile(msgspec.Struct, frozen=True):
    """The settings in a file, by the names of flags, and its tables by the names of commands."""

    path: Path
    settings: Table
    commands: Table

    def values(self, command: click.Command, words: Sequence[str]) -> dict[str, Any]:
        """The values of a command's options, by parameter; those of a group by subcommand. Raises ConfigFileError."""
        if isinstance(command, click.Group):
            below = command.commands
            self.refuse_unknown(self._table(words), below, words)
            return {name: self.values(each, (*words, name)) for name, each in below.items()}
        return dict(self._values(command, words))

    def _values(self, command: click.Command, words: Sequence[str]) -> Iterator[tuple[str, Any]]:
        options = {name_of(each): each for each in command.params if isinstance(each, click.Option)}
        own = dict(_flat(self._table(words)))
        self.refuse_unknown(own, {name for name in options if name not in NOT_IN_FILE}, words)
        if own and tuple(words) == (RUN,):
            raise self._error(f"[{RUN}]", "`hookmeter run` has no flags of its own; set them outside of tables")
        for name, option in options.items():
            if name in own:
                yield option.name or "", self._converted(f"[{'.'.join(words)}] {name}", option, own[name])
            elif option.envvar and name in self.settings:
                yield option.name or "", self._converted(name, option, self.settings[name])

    def _table(self, words: Sequence[str]) -> Table:
        found: Any = self.commands
        for word in words:
            found = found.get(word, {})
            if not isinstance(found, dict):
                raise self._error(word, f"a command's flags are in a table; write [{'.'.join(words)}] above them")
        return dict(found)

    def _converted(self, where: str, option: click.Option, value: object) -> object:
        """The value as texts, which click converts as it converts those of flags; a switch is true or false."""
        if option.is_flag:
            if not isinstance(value, bool):
                raise self._error(where, f"{_shown(value)} is neither true nor false")
            return value
        if isinstance(value, list) and not option.multiple:
            raise self._error(where, "it takes one value, not a list")
        if value == []:
            raise self._error(where, "the list is empty; write at least one value, or remove the line")
        texts = [self._text(where, option, each) for each in (value if isinstance(value, list) else [value])]
        return texts if option.multiple else texts[0]

    def _text(self, where: str, option: click.Option, value: object) -> str:
        from datetime import date  # noqa: PLC0415 - tomllib has imported it if there is a value

        if isinstance(value, bool) or not isinstance(value, str | int | float | date):
            raise self._error(where, f"{_shown(value)} is not a value of {option.opts[0]}; write a text or a number")
        text = value.isoformat() if isinstance(value, date) else str(value)
        try:
            if option.type.name in PATHS and text:
                text = self._absolute(where, text)
            option.type.convert(text, option, None)
        except click.BadParameter as error:
            raise self._error(where, error.message) from error
        return text

    def _absolute(self, where: str, text: str) -> str:
        try:
            path = Path(text).expanduser()
        except RuntimeError as error:
            raise self._error(where, f"{text} cannot be resolved ({error})") from error
        if not path.is_absolute():
            raise self._error(where, f"{text} depends on the current directory; begin it with / or ~")
        return str(path)

    def refuse_unknown(self, table: Table, known: Collection[str], words: Sequence[str] = ()) -> None:
        """Raise ConfigFileError for the first name in a table that is not known."""
        for name in table:
            if name not in known:
                raise self._error(f"[{'.'.join(words)}] {name}" if words else name, _unknown(name, known, words))

    def refuse_unknown_commands(self, known: Collection[str]) -> None:
        """Raise ConfigFileError for the first table that is not one of a known command."""
        for name in self.commands:
            if name in SETTINGS:
                raise self._error(f"[{name}]", f"it is a setting, not a command; write {name} = … above all tables")
            if name not in known:
                raise self._error(
                    f"[{name}]", f"there is no such command{_alike(name, known) or '; see: hookmeter -h'}"
                )

    def _error(self, where: str, what: str) -> ConfigFileError:
        return ConfigFileError(f"{self.path}: {where}: {what}" + "." * (not what.endswith(("?", "."))))


def read_config(path: Path, *, must_exist: bool = False) -> ConfigFile:
    """The settings in a file; none if it does not exist. Raises ConfigFileError."""
    raw = _parsed(path, must_exist=must_exist)
    tables = {name: value for name, value in raw.items() if isinstance(value, dict) and name not in NESTED}
    config = ConfigFile(path, dict(_flat({name: raw[name] for name in raw if name not in tables})), tables)
    config.refuse_unknown(config.settings, SETTINGS)
    return config


def name_of(option: click.Option) -> str:
    """The name of an option in the file: its flag without the dashes."""
    return option.opts[0].lstrip("-")


def with_setting(text: str, name: str, value: object) -> str:
    """The text of a file with another setting at its top, above all tables."""
    return f"{name} = {json.dumps(value, ensure_ascii=False)}\n{text}"  # strings and lists of JSON are those of TOML


def _parsed(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        text = read_bounded(path, LARGE_BYTES).decode()
    except (FileNotFoundError, NotADirectoryError) as error:
        if must_exist:
            raise ConfigFileError(f"{path} does not exist; create it, or unset HOOKMETER_CONFIG.") from error
        return {}
    except UnicodeDecodeError as error:
        raise ConfigFileError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8.") from error
    except OSError as error:
        raise ConfigFileError(f"{path} cannot be read ({error.strerror}); fix that, or remove it.") from error
    import tomllib  # noqa: PLC0415 - takes milliseconds, which commands without a file of settings save

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigFileError(f"{path} is not valid TOML: {error}; fix it there.") from error


def _flat(table: Table, above: str = "") -> Iterator[tuple[str, Any]]:
    """The values by their names; those of nested tables have dots, as in web.config.file."""
    for key, value in table.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _unknown(name: str, known: Collection[str], words: Sequence[str]) -> str:
    if alike := _alike(name, known):
        return f"there is no such setting{alike}"
    if words:
        return f"`hookmeter {' '.join(words)}` has no such setting; list them with: hookmeter {' '.join(words)} --help"
    return "there is no such setting for all commands; flags of one command are in its table, such as [cost]"


def _alike(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - takes a millisecond, which valid settings save

    alike = get_close_matches(name.replace("_", "-"), list(known), n=1)
    return f"; did you mean {alike[0]}?" if alike else ""


def _shown(value: object) -> str:
    return json.dumps(value, default=str)
