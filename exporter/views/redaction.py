"""Redaction of secrets in everything that is shown; the logs on disk are not changed.

It is best effort. Names, shapes and surroundings decide: nothing is a secret for its randomness, so hashes and ids stay
readable. It takes time linear in the text: repetitions in patterns are possessive or bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exporter.views.secrets.contexts import possible_contexts
from exporter.views.secrets.named import named_values
from exporter.views.secrets.names import is_plural_of_tokens, is_secret_name, is_secret_option
from exporter.views.secrets.shapes import tokens
from exporter.views.secrets.values import is_literal

REPLACEMENT = "[redacted]"
MAX_DEPTH = 100  # anything nested deeper is not shown
# {"name": "API_KEY", "value": "x"}: where the name of a value is.
SIBLINGS: dict[object, tuple[str, ...]] = {"value": ("name", "key"), "Value": ("Name", "Key")}


def redact(value: Any, depth: int = 0) -> Any:
    """The JSON value with every secret replaced: the values of secret keys, and the secrets in texts."""
    if depth > MAX_DEPTH:
        return REPLACEMENT
    if isinstance(value, dict):
        return {
            key: REPLACEMENT if _is_secret_member(_name_of(key, value), item) else redact(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            REPLACEMENT if _is_option(before) and isinstance(item, str) else redact(item, depth + 1)
            for before, item in zip([None, *value], value, strict=False)
        ]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    for pattern in possible_contexts(text):
        text = pattern.sub(rf"\g<1>{REPLACEMENT}", text)
    text = _without(tokens(text), text)
    return _without(named_values(text), text)


def _without(spans: Iterator[tuple[int, int]], text: str) -> str:
    """The text with the replacement at some places, which are in order."""
    shown, done = [], 0
    for start, end in spans:
        shown += [text[done:start], REPLACEMENT]
        done = end
    return "".join([*shown, text[done:]]) if shown else text


def _name_of(key: object, members: dict[Any, Any]) -> object:
    """The name of a member: its key, or that of a member next to it."""
    named = (members.get(sibling) for sibling in SIBLINGS.get(key, ()))
    return next((name for name in named if isinstance(name, str)), key)


def _is_secret_member(name: object, value: object) -> bool:
    """Whether a member of an object is a secret."""
    if value is None or value == "" or isinstance(value, bool) or not isinstance(name, str):
        return False
    if isinstance(value, str):
        return (is_secret_name(name) or name == "pass") and is_literal(name, value, is_quoted=True)
    return is_secret_name(name) and not (isinstance(value, int | float) and is_plural_of_tokens(name))


def _is_option(text: object) -> bool:
    """Whether an argument is an option whose value, the next argument, is a secret."""
    return isinstance(text, str) and text.startswith("-") and "=" not in text and is_secret_option(text.lstrip("-"))
