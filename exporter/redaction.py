"""Secrets taken out of whatever is shown; what is on disk stays as it was recorded."""

from __future__ import annotations

import re
from typing import Any

REPLACEMENT = "[redacted]"
TELLING_WORD = (
    r"pass(?:word|wd|phrase)?|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|authorization|cookie"
)
SECRET_KEY = re.compile(
    rf"(?:^|[-_.]|(?<=[a-z])(?=[A-Z]))(?:{TELLING_WORD})(?:s)?(?:$|[-_.](?:id|value|hash)$)", re.IGNORECASE
)
# Ends with "tokens" or "token_count": a number, not a secret.
COUNTED = re.compile(
    r"(?:max|min|num|n|total|input|output|prompt|completion|cache\w*|budget)[-_]?tokens?$|token[-_]?count$",
    re.IGNORECASE,
)
IN_TEXT = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{6,}", rf"\1{REPLACEMENT}"),
        (r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{8,}", REPLACEMENT),
        (r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|ASIA)[A-Za-z0-9_-]{10,}", REPLACEMENT),
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", REPLACEMENT),
        (r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]+:)[^\s@/]+(?=@)", rf"\1{REPLACEMENT}"),
        (
            rf"(\b[\w.-]*(?:{TELLING_WORD})\b[\"']?\s*[=:]\s*)"
            r"(\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?!\[redacted\])(?:Bearer |Basic )?[^\s,;&|\"']+)",
            rf"\1{REPLACEMENT}",
        ),
        (rf"(--[\w-]*(?:{TELLING_WORD})[ =])(\"[^\"]*\"|'[^']*'|\S+)", rf"\1{REPLACEMENT}"),
    )
)


def redact(value: Any) -> Any:
    """The same JSON value with every secret replaced: values under telling keys, and telling parts of texts."""
    if isinstance(value, dict):
        return {key: REPLACEMENT if _is_secret(key, item) else redact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [redact(item) for item in value]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    """The same text with what looks like a secret replaced."""
    for pattern, replacement in IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _is_secret(key: object, value: object) -> bool:
    if value in (None, "") or not isinstance(key, str) or COUNTED.search(key):
        return False
    return SECRET_KEY.search(key) is not None
