"""Values in a text whose names are those of secrets. Linear: names are searched only where a stem of one occurs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_letters, digits

from exporter.views.secrets.names import STEMS, is_secret_name, is_secret_option
from exporter.views.secrets.values import VALUE, is_literal

Span = tuple[int, int]

NAME = re.compile(r"[.-]*+([A-Za-z_][\w.-]*+)", re.ASCII)
OPTION = re.compile(r"(?<!\S)--?([A-Za-z][\w-]*+)(?:=|\s++)", re.ASCII)
STEM = re.compile("|".join(STEMS), re.IGNORECASE | re.ASCII)
WORD_END = re.compile(r"[\w.-]*+", re.ASCII)
WORD_CHARACTERS = frozenset(ascii_letters + digits + "_.-")
MAX_BEFORE = 12  # characters before a name that decide what follows it

# `password`, `"password"`, `\"password\"` and `["password"]`: what closes a name.
CLOSED = r"\\*+[\"']?\]?"
TYPE = r"(?:&(?:'\w{1,20} )?)?(?:str|String|string|bytes|Optional|Option|Secret|Final|Any|any)\b[\w.<>\[\]|? ]{0,60}?"
ELEMENT = re.compile(r"(?:\s[^<>]{0,200})?>(?=[^<>\s])", re.ASCII)
ELEMENT_TEXT = re.compile(r"[^<]++")
# What separates a name from its value, each with what it needs before the name.
SEPARATORS = (
    # NAME=x, name == "x", name ||= "x", name: str = "x", char name[] = "x"
    (rf"{CLOSED}(?:\[\d*\])?(?::?[^\S\n]*+{TYPE})?[^\S\n]*+[|?+!:]{{0,2}}={{1,3}}(?!>)[^\S\n]*+", ""),
    # name: x, "name": x; but not /a/secret.c:12 and not a:b:name:c
    (rf"{CLOSED}[^\S\n]*+:(?![:/])[^\S\n]*+", r"(?<![/:])$"),
    # "name" => "x", name => "x"; but not the function token => token.value
    (rf"{CLOSED}\s*+=>\s*+(?=\\*+[\"'])", ""),
    # name="NAME" value="x", - name: NAME followed by value: x
    (r"\\*+[\"']?[\s,]{1,80}+\\*+[\"']?(?i:value)\\*+[\"']?\s*+[=:]\s*+", ""),
    # setenv("NAME", "x")
    (r"\\*+[\"']\s*+,\s*+(?=\\*+[\"'])", r"\(\s?\\*[\"']$"),
    # :name "x" and {:name, "x"}
    (r"[ \t]++(?=\\*+\")", r"(?<![\w:]):$"),
    (r",[ \t]*+(?=\\*+\")", r"\{:$"),
    # set -x NAME x, setx NAME x, ENV NAME x
    (r"[ \t]++(?=[^\s=-])", r"(?:(?<!\w)|(?<=\\[nrt]))(?:set(?:x|env)?(?: -\w{1,3})?|ENV) $"),
)
SEPARATOR = re.compile("|".join(f"({separator})" for separator, _ in SEPARATORS), re.ASCII)
BEFORE = tuple(re.compile(before, re.ASCII) for _, before in SEPARATORS)


def named_values(text: str) -> Iterator[Span]:
    """The places of the values of secrets, in order; after any other name, the search continues in its value."""
    done = 0
    for start in _name_starts(text):
        if start >= done and (value := _option_value(text, start) or _value(text, start)):
            done = value[1]
            yield value


def _option_value(text: str, start: int) -> Span | None:
    option = OPTION.match(text, start)
    return _literal(option[1], text, option.end()) if option and is_secret_option(option[1]) else None


def _value(text: str, start: int) -> Span | None:
    name = NAME.match(text, start)
    if name is None or not is_secret_name(name[1]):
        return None
    before, end = text[max(0, start - MAX_BEFORE) : start], name.end()
    if before.endswith(("<", ":")) and (element := ELEMENT.match(text, end)):
        return _literal(name[1], text, element.end(), ELEMENT_TEXT)
    found = SEPARATOR.match(text, end)
    if found and found.lastindex and BEFORE[found.lastindex - 1].search(before):
        return _literal(name[1], text, found.end())
    return None


def _literal(name: str, text: str, start: int, pattern: re.Pattern[str] = VALUE) -> Span | None:
    """The place of a value, if it is itself a secret."""
    value = pattern.match(text, start)
    return value.span() if value and is_literal(name, value[0]) else None


def _name_starts(text: str) -> Iterator[int]:
    """The starts of the words that contain a stem, in order; each character is visited once."""
    end = 0
    for position in sorted(_stem_positions(text)):
        if position < end:
            continue
        start = position
        while start > end and text[start - 1] in WORD_CHARACTERS:
            start -= 1
        if text[start] in "nrt" and text[start - 1 : start] == "\\":
            start += 1  # after an escaped line break of JSON or source code
        end = WORD_END.match(text, position).end()  # type: ignore[union-attr] # it matches everywhere
        yield start


def _stem_positions(text: str) -> Iterator[int]:
    """The positions of stems, grouped by stem if the text is ASCII."""
    if not text.isascii():  # lower() may change the length of other texts
        yield from (found.start() for found in STEM.finditer(text))
        return
    lower = text.lower()
    for stem in STEMS:
        position = lower.find(stem)
        while position >= 0:
            yield position
            position = lower.find(stem, position + len(stem))
