"""What is wrong with a request, in words: msgspec's own messages are for those who wrote its types."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from msgspec import inspect

WITHOUT_NUL = r"^[^\u0000]*$"
NOT_BLANK = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
CURSOR = r"^[0-9]{1,18}\.[0-9a-f]{1,32}$"
FORMS = {
    repr(WITHOUT_NUL): "must not have the character NUL",
    repr(NOT_BLANK): "must have a character besides spaces, and not NUL",
    repr(CURSOR): "must be the `next_cursor` of the page before",
}
TYPES = {
    "int": "an integer", "float": "a number", "str": "a text", "bool": "true or false", "object": "an object",
    "array": "a list",
}  # fmt: skip
# Messages of msgspec, of which the first that fits applies, and what they mean.
MESSAGES = (
    (r"Object contains unknown field `(?P<name>.*)`", "{name} is unknown"),
    (r"Object missing required field `(?P<name>.*)`", "{name} is missing"),
    (r"Expected `str.*` of length >= 1", "{name} must not be empty"),
    (r"Expected `str.*` of length >= (?P<number>\S+)", "{name} must have at least {number} characters"),
    (r"Expected `str.*` of length <= (?P<number>\S+)", "{name} must have at most {number} characters"),
    (r"Expected `.*` >= (?P<number>\S+)", "{name} must be at least {number}"),
    (r"Expected `.*` <= (?P<number>\S+)", "{name} must be at most {number}"),
    (r"Expected `str.*` matching regex (?P<form>.*)", "{name} {form}"),
    (r"Expected `(?P<types>.*)`, got `.*`", "{name} must be {types}"),
    (r"Invalid enum value .*", "{name} must be one of {choices}"),
    (r"Input data was truncated", "{name} is empty, its end is missing, or a text in it has a lone surrogate"),
)
PATH = re.compile(r" - at `\$\.?(?P<name>[^.\[`]*)[^`]*`$")


def explain(error: Exception, kind: type[msgspec.Struct]) -> str:
    """A clause on what is wrong with a request of a type; a message that is not known here stays as it is."""
    text = str(error)
    path = PATH.search(text)
    message, name = (text[: path.start()], path["name"]) if path else (text, "")
    for pattern, meaning in MESSAGES:
        if found := re.fullmatch(pattern, message):
            given = found.groupdict()
            words = {
                "name": _quoted(given.get("name") or name),
                "number": given.get("number", ""),
                "form": FORMS.get(given.get("form", ""), "has a form or a character that is not allowed"),
                "types": " or ".join(TYPES[one] for one in given.get("types", "").split(" | ") if one in TYPES),
                "choices": ", ".join(map(str, _choices(kind, name))),
            }
            return meaning.format(**words)
    return text


def _quoted(name: str) -> str:
    return f"`{name}`" if name else "it"


def _choices(kind: type[msgspec.Struct], name: str) -> list[object]:
    fields = inspect.type_info(kind).fields  # type: ignore[attr-defined] # of a StructType
    return [choice for field in fields if field.encode_name == name for choice in _choices_of(field.type)]


def _choices_of(kind: inspect.Type) -> Iterable[object]:
    match kind:
        case inspect.EnumType(cls=enum):
            return [one.value for one in enum]
        case inspect.LiteralType(values=values):
            return values
        case inspect.UnionType(types=types):
            return [choice for one in types for choice in _choices_of(one)]
        case inspect.VarTupleType(item_type=item):
            return _choices_of(item)
        case inspect.Metadata(type=described):
            return _choices_of(described)
    return ()
