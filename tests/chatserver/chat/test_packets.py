import json

import pytest

from chatserver.chat.packets import MAX_INTEGER_CHARACTERS, Event, MalformedPacketError, decode


def event(number: str) -> str:
    return f'42["chat_message",{number}]'


@pytest.mark.parametrize("number", ["7", "-7", "9" * MAX_INTEGER_CHARACTERS])
def test_an_integer_is_read(number: str) -> None:
    assert decode(event(number)) == Event("/", "chat_message", (json.loads(number),), None)


@pytest.mark.parametrize("number", ["9" * (MAX_INTEGER_CHARACTERS + 1), "NaN", "Infinity", "07"])
def test_an_integer_that_is_too_long_and_what_is_no_json_are_refused(number: str) -> None:
    with pytest.raises(MalformedPacketError, match="its JSON is not valid"):
        decode(event(number))
