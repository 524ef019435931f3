"""The elements of a JSON array of records, also of one that is damaged or still being written.

A fault costs the element that has it. The end of an array that is not closed is provisional: its writer, which rewrites
the whole file for each record, may not be done yet.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import msgspec

from exporter.sources.formats import FIRST_NAMES
from exporter.sources.json_repair import repaired, valid_utf8

# An array of records starts with one or with the end of the line; "[2026-11-28 20:00:00] started" is a line of text.
ARRAY = re.compile(rb"(?:<{7}[^\n]*\n)?\s*\[(?:[ \t\r]*(?:\n|\Z)|\s*[{,])")
EMPTY_ARRAY = re.compile(rb"\s*\[\s*\](?P<more>\s*\S)?")
BLANKS = re.compile(r"\s*")
SEPARATOR = re.compile(r"\s*,?\s*")
END = re.compile(r"\]\s*\Z")
FIRST_LINE = re.compile(r"[^\[]*\[[^{]*\n([ \t]*)\{")
FIRST_NAME = re.compile(r'[^\[]*\[\s*\{\s*"(\w+)"\s*:')
DECODER = msgspec.json.Decoder(list[msgspec.Raw])
LENIENT_DECODER = json.JSONDecoder(strict=False)  # it stops at the end of a value, and accepts control characters


class Elements(NamedTuple):
    """The elements, each in one line; `damaged` are the numbers of those that are not JSON.

    If the array is not closed, the elements before its end are whole, and what follows them is left out.
    """

    texts: list[bytes]
    damaged: frozenset[int] = frozenset()
    is_closed: bool = True


def starts_array(head: bytes) -> bool:
    """Whether a file with these first bytes is an array; an empty array with anything after it is a line."""
    empty = EMPTY_ARRAY.match(head)
    return empty["more"] is None if empty else ARRAY.match(head) is not None


def parse_array(data: bytes) -> Elements:
    """The elements of an array. What strict JSON rejects but real files contain is repaired."""
    for repair in (bytes, repaired):
        try:
            return Elements([_in_one_line(bytes(element)) for element in DECODER.decode(repair(data))])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return _DamagedArray(valid_utf8(data).decode()).elements()


def _in_one_line(element: bytes) -> bytes:
    return element.replace(b"\n", b" ")


class _DamagedArray:
    """An array that is read element by element; after a fault, it is continued at the next start of a record.

    If records start on lines of their own, that is the next line with the indentation of the first one. Otherwise it is
    the next object with the same first name that is not the value of a name.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._size = len(text.rstrip())
        self._texts: list[bytes] = []
        self._damaged: set[int] = set()
        line, name = FIRST_LINE.match(text), FIRST_NAME.match(text)
        names = name[1] if name else "|".join(FIRST_NAMES)
        self._has_lines = line is not None
        self._start = re.compile(rf"\n{line[1]}(\{{)" if line else rf'(?<![:\s])\s*(\{{\s*"(?:{names})"\s*:)')

    def elements(self) -> Elements:
        """The elements up to the end, or up to where the writer may still be writing."""
        separator, at = BLANKS, self._text.index("[") + 1
        while True:
            gap = separator.match(self._text, at)
            separator, at = SEPARATOR, gap.end() if gap else at
            if END.match(self._text, at):
                if gap and "," in gap[0]:
                    self._add(",", is_damaged=True)
                return self._found(is_closed=True)
            following = self._read_element(at)
            if following is None:
                return self._found(is_closed=False)
            at = following

    def _found(self, *, is_closed: bool) -> Elements:
        return Elements(self._texts, frozenset(self._damaged), is_closed)

    def _read_element(self, at: int) -> int | None:
        """Add one element and return the place after it; None if it may still be being written."""
        try:
            _, end = LENIENT_DECODER.raw_decode(self._text, at)
        except (ValueError, RecursionError) as error:
            return self._skip_fault(at, is_incomplete=self._ran_out(error))
        if not self._text.startswith("{", at):
            return self._skip_fault(at, is_incomplete=False)
        self._add(self._text[at:end])
        return end

    def _ran_out(self, error: Exception) -> bool:
        """Whether everything up to the end of the text may be the beginning of a value."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        is_string = error.msg.startswith("Unterminated string")
        return error.pos >= self._size or (is_string and "\n" not in self._text[error.pos : self._size])

    def _skip_fault(self, at: int, *, is_incomplete: bool) -> int | None:
        """Add the text up to the next record as a damaged element; None if it is the provisional end."""
        following = self._start.search(self._text, at + 1)
        if following and (self._has_lines or not is_incomplete):
            end = following.start(1)
        elif is_incomplete or not self._text.endswith("]", 0, self._size):
            return None
        else:
            end = self._size - 1
        self._add(self._text[at:end].rstrip().removesuffix(",") or ",", is_damaged=True)
        return end

    def _add(self, text: str, *, is_damaged: bool = False) -> None:
        if is_damaged:
            self._damaged.add(len(self._texts))
        self._texts.append(_in_one_line(repaired(text.encode())))
