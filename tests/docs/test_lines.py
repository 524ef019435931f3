"""Commands of hookmeter within sentences and tables exist, with the options that they are printed with."""

from __future__ import annotations

import re
import shlex

import click

from tests.docs.blocks import inline_code
from tests.support.commands import every_command

CALL = re.compile(r"^(?:\.venv/bin/|~/\.local/bin/)?(hookmeter(?: .*)?)$")
ENDS = re.compile(r"(?<!\S)(?:&&|\||>|;).*| 2>.*")  # of the command: what comes after it is another one


def called() -> list[tuple[str, str]]:
    """Each command of hookmeter in the documents, with the document."""
    return [
        (document, found[1])
        for document, text in inline_code()
        if (found := CALL.match(text)) and document != "CHANGELOG.md"  # which names what there was
    ]


def unknown_words(line: str) -> list[str]:
    """The command, if there is none of that name, and options that it does not have."""
    words, commands = shlex.split(ENDS.sub("", line)), dict(every_command())
    groups = {name.rpartition(" ")[0] for name in commands}
    name = words.pop(0)
    while words and f"{name} {words[0]}" in commands | dict.fromkeys(groups):
        name = f"{name} {words.pop(0)}"
    if name not in commands:
        return [] if name in groups and not words else [line]
    known = {option for parameter in commands[name].params for option in _options(parameter)} | {"--help"}
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]


def _options(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


def test_every_command_in_a_sentence_is_one_that_hookmeter_has() -> None:
    assert len(called()) > 150
    assert [(document, line) for document, line in called() if unknown_words(line)] == []


def test_a_command_or_an_option_that_does_not_exist_is_found() -> None:
    assert unknown_words("hookmeter costs --since 7d") == ["hookmeter costs --since 7d"]
    assert unknown_words("hookmeter cost --from 7d") == ["--from"]
    assert unknown_words("hookmeter hooks install --statusline") == []
