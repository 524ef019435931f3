"""Redaction of secrets in everything that is shown; the logs on disk are not changed.

One table of words decides which names are those of secrets, whether of a key, an option or an assignment. Every pattern
takes time linear in the text: names start at a boundary, and repetitions are possessive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

REPLACEMENT = "[redacted]"
MAX_DEPTH = 100  # anything nested deeper is not shown

# fmt: off
SECRET_WORDS = frozenset({
    "password", "passwords", "passwd", "passphrase", "passcode", "pass", "pwd", "secret", "secrets", "token", "tokens",
    "apikey", "credential", "credentials", "authorization", "cookie", "cookies", "jwt",
})
SECRET_PAIRS = frozenset({
    ("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"), ("encryption", "key"), ("signing", "key"),
    ("auth", "key"), ("account", "key"),
})
# "max_tokens", "token_count": a number of tokens, not a token.
TOKEN_WORDS = frozenset({"token", "tokens"})
COUNTING_WORDS = frozenset({
    "max", "min", "num", "n", "total", "input", "output", "prompt", "completion", "cache", "cached", "reasoning",
    "thinking", "budget", "limit", "count", "counts", "usage", "used", "left", "remaining", "per", "type", "estimated",
})
# fmt: on
# PASS and PWD alone are a test result and a directory; DB_PASS and user_pwd are secrets, and so is the key "pass".
HARMLESS_ALONE = frozenset({"pass", "pwd"})
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

# A value in a text: quoted (with quotes that may be escaped, or not closed), or a word.
QUOTED = r"\"(?:[^\"\\]++|\\.)*+\"?|'[^']*+'?|\\++[\"'][^\"'\\]*+(?:\\++[\"'])?"
VALUE = re.compile(rf"\[redacted\]|{QUOTED}|(?:(?:Bearer|Basic)\s++)?[^\s,;&\"')}}\]\\]++")
ASSIGNED = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*+)\\*+[\"']?\s*+[=:]\s*+")
OPTION = re.compile(r"(?<!\S)--([A-Za-z][\w-]*+)(?:=|\s++)")


class Pattern(NamedTuple):
    """A pattern that matches a secret after its first group, and lower-case texts, one of which it needs to match."""

    needs: tuple[str, ...]
    pattern: re.Pattern[str]


PATTERNS = tuple(
    Pattern(needs, re.compile(pattern))
    for needs, pattern in (
        (
            ("-----begin",),
            r"()(?s:-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
            r".*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\Z))",
        ),
        (
            ("authorization", "cookie"),
            r"(?i:(\b(?:authorization|cookie)\b\\*+[\"']?\s*+[:=]\s*+\\*+[\"']?))(?!\[redacted\])[^\"'\\\r\n]++",
        ),
        (("bearer",), r"((?i:\bBearer)\s++)(?=[A-Za-z]{0,30}+[^A-Za-z\s])[\w.~+/=-]{6,}+"),
        (
            ("sk-", "sk_", "pk-", "pk_", "rk-", "rk_"),
            r"()\b(?:sk|pk|rk)[-_](?:ant|proj|live|test|or|svcacct|admin)[-_][\w-]{8,}+",
        ),
        (("sk-",), r"()\bsk-[A-Za-z0-9]{20,}+"),
        (
            ("gh", "github_pat_", "glpat-", "xox", "npm_", "pypi-", "hf_", "aiza"),
            r"()\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|npm_|pypi-|hf_|AIza)[\w-]{10,}+",
        ),
        (("akia", "asia"), r"()\b(?:AKIA|ASIA)[A-Z0-9]{12,}+"),
        (("eyj",), r"()\beyJ[\w-]{8,}+\.[\w-]++(?:\.[\w-]*+)?"),
        (("@",), r"(://[^\s:/@\"']*+:)[^\s/\"']*(?=@)"),
        (("@",), r"(://)[\w-]{20,}+(?=@)"),
        (("-u", "--user"), r"(?<!\S)((?:-u|--user)[ =]\s*+[\"']?(?!\d++:\d)[^\s:\"']++:)[^\s\"']++"),
        (("sshpass",), r"(\bsshpass\s++-p\s*+)\S++"),
        (("mysql",), r"(\bmysql\w{0,9}\s(?:[^\n;|&]{0,60}\s)?-p)[^\s\"']++"),
    )
)
# Every secret name contains one of these in lower case, so names are searched only where they occur.
STEMS = ("pass", "pwd", "secret", "token", "key", "credential", "authorization", "cookie", "jwt")
STEM = re.compile("|".join(STEMS), re.IGNORECASE | re.ASCII)
WORD_END = re.compile(r"[\w.-]*+")


def redact(value: Any, depth: int = 0) -> Any:
    """The JSON value with every secret replaced: the values of secret keys, and the secrets in texts."""
    if depth > MAX_DEPTH:
        return REPLACEMENT
    if isinstance(value, dict):
        return {
            key: REPLACEMENT if _is_secret_member(key, item) else redact(item, depth + 1) for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            REPLACEMENT if _is_option(before) and isinstance(item, str) else redact(item, depth + 1)
            for before, item in zip([None, *value], value, strict=False)
        ]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    lower = text.lower()
    for needs, pattern in PATTERNS:
        if any(map(lower.__contains__, needs)):
            text = pattern.sub(rf"\g<1>{REPLACEMENT}", text)
    text = _without_values(ASSIGNED, text)
    return _without_values(OPTION, text) if "--" in text else text


def _without_values(names: re.Pattern[str], text: str) -> str:
    """The text without the values of secret names; after any other name, the search continues in its value."""
    shown, done = [], 0
    for start in _name_starts(text):
        name = names.match(text, start) if start >= done else None
        if (
            name
            and _is_secret_name(name[1], "anything")
            and (value := VALUE.match(text, name.end()))
            and _is_secret_name(name[1], value[0].strip("\"'\\"))
        ):
            shown += [text[done : name.end()], REPLACEMENT]
            done = value.end()
    return "".join([*shown, text[done:]])


def _name_starts(text: str) -> Iterator[int]:
    """The starts of the words that contain a stem, in order. Linear: each character is visited once."""
    end = 0
    for position in sorted(_stem_positions(text)):
        if position < end:
            continue
        start = position
        while start > end and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
            start -= 1
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


def _is_secret_member(key: object, value: object) -> bool:
    return _is_secret_name(key, value) or (key == "pass" and isinstance(value, str))


def _is_option(text: object) -> bool:
    """Whether an argument is an option whose value, the next argument, is a secret."""
    return isinstance(text, str) and text.startswith("--") and "=" not in text and _is_secret_name(text, "next")


def _is_secret_name(name: object, value: object) -> bool:
    """Whether a value with this name is a secret."""
    if value is None or value == "" or isinstance(value, bool) or not isinstance(name, str):
        return False
    words = [word.lower() for word in WORD.findall(name)]
    matching = SECRET_WORDS.intersection(words)
    if not SECRET_PAIRS.isdisjoint(pairwise(words)):
        return True
    if len(words) == 1 and matching <= HARMLESS_ALONE:
        return False
    if matching <= TOKEN_WORDS and COUNTING_WORDS.intersection(words):
        return False
    if matching == {"tokens"} and _is_number(value):
        return False
    return bool(matching)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value.replace(",", "").isdigit())
