"""The texts in the input of a call: paths, prompts of sub-agents, and everything else that it was asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from exporter.search.documents import MARGIN_CHARACTERS, MAX_CHARACTERS, Kind, Text
from exporter.sources.background import AGENT_TOOLS
from exporter.sources.transcript_lines import UNDECODABLE
from exporter.views.redaction import redact

KIND_OF_FIELD = {
    "file_path": Kind.PATH,
    "filePath": Kind.PATH,
    "notebook_path": Kind.PATH,
    "path": Kind.PATH,
}
# The contents of files, which are long, and mostly not what people search for.
CONTENTS = frozenset({"content", "new_string", "old_string", "edits", "new_source", "todos", "run_in_background"})
MAX_VALUES = 100
MAX_DEPTH = 5
INPUT: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def input_texts(tool: str, raw: bytes, time_us: int | None) -> Iterator[Text]:
    """The texts of a call, one for each kind."""
    try:
        given = INPUT.decode(raw) if raw else None
    except UNDECODABLE:
        return
    if not isinstance(given, dict):
        given = {"input": given}
    fields = redact({name: _bounded(value) for name, value in given.items() if name not in CONTENTS})
    found: dict[Kind, list[str]] = {}
    for name, value in fields.items():
        found.setdefault(_kind(tool, name), []).extend(_texts(value))
    for kind, texts in found.items():
        yield Text(kind, "\n".join(texts[:MAX_VALUES]), tool, time_us)


def _kind(tool: str, field: str) -> Kind:
    if field == "prompt" and tool in AGENT_TOOLS:
        return Kind.PROMPT
    return KIND_OF_FIELD.get(field, Kind.COMMAND)


def _bounded(value: object, depth: int = 0) -> object:
    """A value without what is too long, too much or too deeply nested to be indexed."""
    if isinstance(value, str):
        return value[: MAX_CHARACTERS + MARGIN_CHARACTERS + 1]
    if isinstance(value, list) and depth < MAX_DEPTH:
        return [_bounded(item, depth + 1) for item in value[:MAX_VALUES]]
    if isinstance(value, dict) and depth < MAX_DEPTH:
        return {name: _bounded(item, depth + 1) for name, item in [*value.items()][:MAX_VALUES]}
    return None


def _texts(value: object) -> Iterable[str]:
    """All texts in a value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in _texts(item)]
