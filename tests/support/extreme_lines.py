"""Lines of hook logs and transcripts, quotas and cost-states in which any value may be extreme."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

NESTED = 5_000
# JSON texts, most of them valid. What Python and JSON call a number has no bounds.
NUMBERS = (
    "0", "-0", "-1", "1", "0.1", "-0.0", "1e-400", "1e15", "1e16", "1e18", "1e19", "1e22", "1e100", "1e308", "-1e308",
    "1e309", "1e400", "-1e400", "99999999999999", "9007199254740993", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "18446744073709551616", "1" + "0" * 40, "1" + "0" * 400, "1" + "0" * 5_000, "NaN",
    "Infinity", "-Infinity",
)  # fmt: skip
TIMES = (
    '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59.999999-23:59"', '"1712010112345"', '"5138-11-16T09:46:40Z"',
    '"292277026596-12-04"', '"99999999999999999999"', '"1e400"', '"-1"', '"0"', "1e17", "1e20", "253402300800",
)  # fmt: skip
OTHERS = (
    "null", "true", "false", "[]", "{}", '""', '" "', '"\\ud800"', '"\\u0000"', '"a\\nb"', '"' + "x" * 5_000 + '"',
    '["a", 1, null]', '{"a": {"b": 1}}', "[" * NESTED + "]" * NESTED, '{"a":' * NESTED + "1" + "}" * NESTED, "1 2", "",
)  # fmt: skip
EXTREMES = st.sampled_from((*NUMBERS, *NUMBERS, *TIMES, *OTHERS))


def _paths(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The paths to all values within a value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        found += _paths(below, (*path, key))
    return found


def _replaced(value: Any, path: tuple[object, ...], marker: str) -> Any:
    if not path:
        return marker
    copy: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copy[path[0]] = _replaced(copy[path[0]], path[1:], marker)
    return copy


@st.composite
def extreme(draw: st.DrawFn, line: Mapping[str, Any], most: int = 3) -> str:
    """The JSON text of a line, with up to `most` of its values replaced by extreme ones."""
    texts: dict[str, str] = {}
    changed: Any = line
    for number in range(draw(st.integers(1, most))):
        marker = f"extreme value {number}"
        texts[json.dumps(marker)] = draw(EXTREMES)
        changed = _replaced(changed, draw(st.sampled_from(_paths(changed))), marker)
    text = json.dumps(changed)
    for marker, replacement in texts.items():
        text = text.replace(marker, replacement)
    return text
