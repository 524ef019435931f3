"""JSON text edited so that it holds another value, with all that is still the same kept as it was written."""

import json
import re
from collections.abc import Iterator

PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]|,|[^"\[\]{},]+')
MEMBER = re.compile(r'("(?:[^"\\]|\\.)*")\s*:\s*', re.DOTALL)


def parse(text: str) -> object:
    """Read strict JSON: a ValueError names what is wrong, a repeated key and NaN included."""
    return json.loads(text, object_pairs_hook=_unrepeated, parse_constant=_refuse_constant)


def _unrepeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {json.dumps(repeated)} stands twice in one object")
    return members


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def edited(text: str, value: object) -> str:
    """Give the JSON text with the new value; unchanged parts keep their text, new ones take on its indentation."""
    body = text.strip()
    start = text.index(body)
    unit = re.search(r"\n([ \t]+)\S", body)
    indent = unit[1] if unit else "" if len(body) > len("{}") and "\n" not in body else "  "
    newline = "\r\n" if "\r\n" in body else "\n"
    return text[:start] + _edit(body, value, newline, indent) + text[start + len(body) :]


def _edit(text: str, value: object, newline: str, indent: str) -> str:
    """Edit one value; `newline` is the line break and indentation of the line that it starts on."""
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
        parts = [_edit(_source(items, at, item), item, inner, indent) for at, item in enumerate(value)]
        return _joined("[", parts, "]", newline, indent)
    return json.dumps(value, ensure_ascii=False)


def _source(items: list[str], at: int, item: object) -> str:
    """Give the text that an item of an array had: where it is the same, else what stands in its place."""
    same = (text for text in items if _same(text, item))
    return next(same, items[at] if at < len(items) else "null")


def _same(text: str, value: object) -> bool:
    """Compare spelt out, because True equals 1 and the order of keys counts."""
    return json.dumps(json.loads(text)) == json.dumps(value)


def _joined(opening: str, parts: list[str], closing: str, newline: str, indent: str) -> str:
    if not parts or not indent:
        return opening + ", ".join(parts) + closing
    inner = newline + indent
    return opening + inner + f",{inner}".join(parts) + newline + closing


def _parts(text: str) -> Iterator[str]:
    """Give the text of each member or item of an object or array."""
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
    """Give each key of an object with its text up to the value, and the value's."""
    for part in _parts(text):
        head = MEMBER.match(part)
        if head:
            yield json.loads(head[1]), (head[0], part[head.end() :])
