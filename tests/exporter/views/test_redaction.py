"""Redaction of JSON values: by names, in texts, at any depth."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.views.redaction import REPLACEMENT, redact, redact_text
from tests.exporter.views.secrets.test_names import HARMLESS, SECRET


def test_a_nested_secret_is_found() -> None:
    value = {"a": [{"b": {"env": [{"API_KEY": "x"}, {"n": 1}]}}]}
    assert redact(value) == {"a": [{"b": {"env": [{"API_KEY": REPLACEMENT}, {"n": 1}]}}]}


@pytest.mark.parametrize("value", [12345, 1.5, ["a", "b"], {"value": "x"}, {"nested": {"deep": ["x"]}}])
def test_a_value_of_any_type_is_hidden(value: object) -> None:
    assert redact({"password": value}) == {"password": REPLACEMENT}


@pytest.mark.parametrize("value", [None, "", True, False])
def test_a_value_without_content_is_shown(value: object) -> None:
    assert redact({"password": value}) == {"password": value}


def test_a_number_of_tokens_is_shown() -> None:
    counts = {"tokens": 1200, "usage": {"input_tokens": 3, "tokens": "1,200"}, "token_limit": 9}
    assert redact(counts) == counts


def test_the_argument_after_a_secret_option_is_hidden() -> None:
    command = ["login", "--user", "bob", "--password", "hunter2", "--max-tokens", "5", "--token=x"]
    assert redact(command) == [
        "login",
        "--user",
        "bob",
        "--password",
        REPLACEMENT,
        "--max-tokens",
        "5",
        f"--token={REPLACEMENT}",
    ]


def test_the_value_itself_is_not_changed() -> None:
    value: dict[str, Any] = {"password": "x", "list": ["token=y"]}
    redact(value)
    assert value == {"password": "x", "list": ["token=y"]}


SPICE = st.sampled_from(
    [
        "token=",
        "token",
        "password",
        '"',
        "'",
        "\\",
        ":",
        "=",
        " ",
        "\n",
        "[redacted]",
        "://",
        "@",
        "a",
        "9",
        "-",
        "--",
        "Bearer ",
        "Authorization: ",
        "cookie",
        "sk-ant-",
        "ghp_",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "-u ",
        "mysql ",
        "-p",
        ";",
        "&",
        "-----BEGIN PRIVATE KEY-----",
        "eyJ",
        ".",
        "{",
        "]",
        ",",
        "max_",
    ]
)
HOSTILE = st.lists(SPICE, max_size=12).map("".join)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), HOSTILE),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.text() | HOSTILE | st.sampled_from(SECRET + HARMLESS), inner)
    ),
    max_leaves=10,
)


@given(HOSTILE)
def test_a_redacted_text_has_nothing_left_to_redact(text: str) -> None:
    assert redact_text(redact_text(text)) == redact_text(text)


@given(VALUES)
def test_any_json_value_stays_a_json_value(value: object) -> None:
    assert json.dumps(redact(redact(value))) == json.dumps(redact(value))


@pytest.mark.parametrize("kind", ["list", "dict"])
def test_a_value_that_is_nested_too_deep_is_hidden_without_an_error(kind: str) -> None:
    value: Any = "password=hunter2"
    for _ in range(50_000):
        value = [value] if kind == "list" else {"a": value}
    assert "hunter2" not in json.dumps(redact(value))
