"""What `--help` prints: nothing is cut off, and each setting is shown with its variable."""

from __future__ import annotations

import click
import pytest

from chatserver.cli.main import COMMANDS
from exporter.commands.root import group
from exporter.overview import RUN, SET_UP
from tests.support.commands import every_command

COLUMNS = 80


def groups() -> list[click.Group]:
    root = group(COMMANDS)
    found = [root.get_command(click.Context(root), name) for name in COMMANDS]
    return [each for each in found if isinstance(each, click.Group)]


@pytest.mark.parametrize("each", groups(), ids=lambda each: each.name)
def test_the_list_of_a_groups_commands_is_not_cut_off(each: click.Group) -> None:
    listed = each.get_help(click.Context(each, terminal_width=COLUMNS, info_name=each.name)).partition("Commands:")[2]
    assert listed
    assert "..." not in listed


def test_each_setting_is_shown_with_its_environment_variable() -> None:
    for path, command in every_command():
        shown = " ".join(command.get_help(click.Context(command, terminal_width=COLUMNS)).split())
        for option in command.params:
            if isinstance(option, click.Option) and option.envvar:
                assert f"env var: {option.envvar}" in shown, (path, option.name)


def test_what_starts_everything_and_what_installs_hooks_are_listed_first() -> None:
    first = {section: name for name, (_, section, _) in reversed(COMMANDS.items())}
    assert (first[RUN], first[SET_UP]) == ("run", "hooks")
