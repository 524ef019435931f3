"""Cuts long texts of results in payloads, for hookmeter_recorder.py, which compiles this only when it is needed.

It is self-contained; hookmeter_recorder.pl has the same rules.
"""

import re

MIN_PAYLOAD = 1 << 14  # the smallest size that payloads may be limited to
RESULTS = (b"tool_response", b"tool_calls")
KEPT_OF_ELEMENTS = 16


def cut(payload: bytes, most: int) -> bytes:
    """The payload with long texts of results cut: to a quarter of the size that it exceeds.

    Those that are elements of arrays, such as the lines of a patch, are cut to a few characters if that is not enough.
    Names and numbers stay, as does the number of lines of a content.
    """
    for is_of_elements in (False, True):
        if most >= MIN_PAYLOAD and len(payload) > most:
            payload = cut_texts(payload, KEPT_OF_ELEMENTS if is_of_elements else most >> 2, is_of_elements)
    return payload


def cut_texts(payload: bytes, kept: int, is_of_elements: bool) -> bytes:
    """The payload with the texts of results cut, all of them or the elements of arrays; unchanged if it is no JSON."""
    structure, colon = re.compile(rb'["\[\]{}]'), re.compile(rb"\s*:")
    shorter: list[bytes] = []
    depth, top, name, start_of_rest, at = 0, b"", b"", 0, 0
    while found := structure.search(payload, at):
        start, at = found.start(), found.end()
        if found[0] != b'"':
            depth += 1 if found[0] in b"[{" else -1
            continue
        end = end_of_string(payload, start)
        if end < 0:
            return payload
        text, at = payload[start + 1 : end], end + 1
        if after := colon.match(payload, at):
            name, at = text, after.end()
            top = text if depth == 1 else top
        elif top in RESULTS and (not is_of_elements or payload[start - 1 : start] in (b"[", b",")):
            short = shortened(text, kept, name == b"content")
            if len(short) < len(text):
                shorter += payload[start_of_rest : start + 1], short
                start_of_rest = end
    return b"".join([*shorter, payload[start_of_rest:]])


def end_of_string(payload: bytes, start: int) -> int:
    """The place of the quote at the end of a string; -1 if there is none."""
    end = start
    while (end := payload.find(b'"', end + 1)) > 0:
        before = end
        while payload[before - 1 : before] == b"\\":
            before -= 1
        if (end - before) % 2 == 0:
            break
    return end


def shortened(text: bytes, kept: int, with_lines: bool) -> bytes:
    """The start of a text in a string of JSON, without half a character at its end; if wanted, with all newlines."""
    if len(text) <= kept:
        return text
    whole = re.match(rb"(?:[^\\]|\\u[0-9a-fA-F]{4}|\\[^u])*", text[:kept], re.DOTALL)
    half = rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z|(?<!\\)((?:\\\\)*)\\u[dD][89abAB][0-9a-fA-F]{2}\Z"
    start = re.sub(half, rb"\1", whole[0] if whole else b"")
    rest = text[len(start) :]
    short = b"%s...[%d bytes cut]" % (start, len(rest))
    if not with_lines:
        return short
    escapes = re.findall(rb"\\(?:u[0-9a-fA-F]{4}|.)", rest, re.DOTALL)
    lines = sum(escape in (b"\\n", b"\\u000a", b"\\u000A") for escape in escapes)
    is_ended = re.search(rb"(?<!\\)(?:\\\\)*\\(?:n|u000[aA])\Z", rest)
    return short + b"\\n" * lines + (b"..." if lines and not is_ended else b"")
