"""Editing JSON text: it gets another value, and unchanged parts keep their formatting."""

import json
import re
from collections.abc import Iterator

BOM = "\ufeff"  # editors of Windows write one, and Claude Code reads past it
PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]|,|[^"\[\]{},]+')
MEMBER = re.compile(r'("(?:[^"\\]|\\.)*")\s*:\s*', re.DOTALL)


def parse(text: str) -> object:
    """Parse strict JSON. Raises ValueError, also for duplicate keys and NaN."""
    return json.loads(text.removeprefix(BOM), object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)


def _refuse_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"duplicate key {json.dumps(repeated)} in an object")
    return members


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def edited(text: str, value: object) -> str:
    """The JSON text with the new value; unchanged parts keep their text, new ones get its indentation."""
    body = text.removeprefix(BOM).strip()
    start = text.index(body)
    unit = re.search(r"\n([ \t]+)\S", body)
    indent = unit[1] if unit else "" if len(body) > len("{}") and "\n" not in body else "  "
    newline = "\r\n" if "\r\n" in body else "\n"
    return text[:start] + _edit(body, value, newline, indent) + text[start + len(body) :]


def _edit(text: str, value: object, newline: str, indent: str) -> str:
    """The text of one value; `newline` is the line break and indentation of the line that it starts on."""
    if _same(text, value):
        return text
    inner = newline + indent
    if isinstance(value, dict):
        members = dict(_members(text)) if text.startswith("{") else {}
        fresh = {key: (f"{json.dumps(key, ensure_ascii=False)}: ", "null") for key in value}
        sources = {**fresh, **members}
        parts = [sources[key][0] + _edit(sources[key][1], item, inner, indent) for key, item in value.items()]
        return _joined("{", parts, "}", newline, indent)
    if isinstance(value, list):
        items = list(_parts(text)) if text.startswith("[") else []
        parts = [_edit(_source(items, index, item), item, inner, indent) for index, item in enumerate(value)]
        return _joined("[", parts, "]", newline, indent)
    return json.dumps(value, ensure_ascii=False)


def _source(items: list[str], index: int, item: object) -> str:
    """The old text of an item: of an equal item, else of the one at the same index."""
    same = (text for text in items if _same(text, item))
    return next(same, items[index] if index < len(items) else "null")


def _same(text: str, value: object) -> bool:
    """Compare as JSON text, because in Python True equals 1, and because the order of keys matters."""
    return json.dumps(json.loads(text)) == json.dumps(value)


def _joined(opening: str, parts: list[str], closing: str, newline: str, indent: str) -> str:
    if not parts or not indent:
        return opening + ", ".join(parts) + closing
    inner = newline + indent
    return opening + inner + f",{inner}".join(parts) + newline + closing


def _parts(text: str) -> Iterator[str]:
    """The text of each member or item of an object or array."""
    depth, part = 0, ""
    for piece in PIECE.findall(text.strip()[1:-1]):
        depth += (piece in "[{") - (piece in "]}")
        if piece == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += piece
    if part.strip():
        yield part.strip()


def _members(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each key of an object, with its text up to the value and the text of the value."""
    for part in _parts(text):
        head = MEMBER.match(part)
        if head:
            yield json.loads(head[1]), (head[0], part[head.end() :])
