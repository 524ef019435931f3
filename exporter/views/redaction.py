"""Secrets taken out of whatever is shown; what is on disk stays as it was recorded.

One table of words says which names tell of a secret, wherever the name stands: a key, an option, an assignment. Every
pattern below takes time in proportion to the text: names begin at a boundary, and no repetition gives anything back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

REPLACEMENT = "[redacted]"
DEEPEST = 100  # what is nested deeper than anyone looks is not shown

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
# PASS and PWD alone are a test's verdict and a folder; DB_PASS and user_pwd are not, nor is the key "pass".
INNOCENT_ALONE = frozenset({"pass", "pwd"})
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

# A value as it stands in a text: quoted (the quotes perhaps escaped, their end perhaps cut off), or a word.
QUOTED = r"\"(?:[^\"\\]++|\\.)*+\"?|'[^']*+'?|\\++[\"'][^\"'\\]*+(?:\\++[\"'])?"
VALUE = re.compile(rf"\[redacted\]|{QUOTED}|(?:(?:Bearer|Basic)\s++)?[^\s,;&\"')}}\]\\]++")
ASSIGNED = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*+)\\*+[\"']?\s*+[=:]\s*+")
OPTION = re.compile(r"(?<!\S)--([A-Za-z][\w-]*+)(?:=|\s++)")


class Pattern(NamedTuple):
    """What to replace behind its first group, and texts of which one must be there, in lower case, for it to match."""

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
            ("gh", "glpat-", "xox", "npm_", "pypi-", "hf_", "aiza"),
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
# Every telling name has one of these in it, in lower case: no other place in a text need be looked at for a name.
STEMS = ("pass", "pwd", "secret", "token", "key", "credential", "authorization", "cookie", "jwt")
STEM = re.compile("|".join(STEMS), re.IGNORECASE | re.ASCII)
WORD_END = re.compile(r"[\w.-]*+")


def redact(value: Any, depth: int = 0) -> Any:
    """The same JSON value with every secret replaced: values under telling keys, and telling parts of texts."""
    if depth > DEEPEST:
        return REPLACEMENT
    if isinstance(value, dict):
        return {key: REPLACEMENT if _is_secret(key, item) else redact(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [
            REPLACEMENT if _is_option(before) and isinstance(item, str) else redact(item, depth + 1)
            for before, item in zip([None, *value], value, strict=False)
        ]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    """The same text with what looks like a secret replaced."""
    lower = text.lower()
    for needs, pattern in PATTERNS:
        if any(map(lower.__contains__, needs)):
            text = pattern.sub(rf"\g<1>{REPLACEMENT}", text)
    text = _without_values(ASSIGNED, text)
    return _without_values(OPTION, text) if "--" in text else text


def _without_values(names: re.Pattern[str], text: str) -> str:
    """The text without the values behind telling names; behind any other name the search goes on inside its value."""
    shown, done = [], 0
    for start in _starts_of_names(text):
        name = names.match(text, start) if start >= done else None
        if (
            name
            and _tells(name[1], "anything")
            and (value := VALUE.match(text, name.end()))
            and _tells(name[1], value[0].strip("\"'\\"))
        ):
            shown += [text[done : name.end()], REPLACEMENT]
            done = value.end()
    return "".join([*shown, text[done:]])


def _starts_of_names(text: str) -> Iterator[int]:
    """Where the words begin that have a stem in them, in their order. Linear: each character is looked at once."""
    behind = 0
    for at in sorted(_stems(text)):
        if at < behind:
            continue
        start = at
        while start > behind and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
            start -= 1
        behind = WORD_END.match(text, at).end()  # type: ignore[union-attr] # it matches everywhere
        yield start


def _stems(text: str) -> Iterator[int]:
    """Where stems are."""
    if not text.isascii():  # in lower case, other texts may have other lengths
        yield from (found.start() for found in STEM.finditer(text))
        return
    lower = text.lower()
    for stem in STEMS:
        at = lower.find(stem)
        while at >= 0:
            yield at
            at = lower.find(stem, at + len(stem))


def _is_secret(key: object, value: object) -> bool:
    return _tells(key, value) or (key == "pass" and isinstance(value, str))


def _is_option(text: object) -> bool:
    """Whether an item of a command's arguments says that the next one is a secret."""
    return isinstance(text, str) and text.startswith("--") and "=" not in text and _tells(text, "next")


def _tells(name: object, value: object) -> bool:
    """Whether what stands under a name is a secret."""
    if value is None or value == "" or isinstance(value, bool) or not isinstance(name, str):
        return False
    words = [word.lower() for word in WORD.findall(name)]
    telling = SECRET_WORDS.intersection(words)
    if not SECRET_PAIRS.isdisjoint(pairwise(words)):
        return True
    if len(words) == 1 and telling <= INNOCENT_ALONE:
        return False
    if telling <= TOKEN_WORDS and COUNTING_WORDS.intersection(words):
        return False
    if telling == {"tokens"} and _is_number(value):
        return False
    return bool(telling)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value.replace(",", "").isdigit())
