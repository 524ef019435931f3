"""Texts with secrets and texts without: every secret is hidden, everything else stays as it is."""

from __future__ import annotations

import json

import pytest

from exporter.views.redaction import REPLACEMENT, redact, redact_text
from exporter.views.secrets.named import BEFORE, SEPARATOR
from tests.exporter.views.secrets.harmless_texts import TEXTS as HARMLESS
from tests.exporter.views.secrets.secret_texts import CODE, COMMANDS, CONFIGURATION, SECRET, VALUES
from tests.exporter.views.secrets.secret_tokens import TOKENS

TEXTS = [*COMMANDS, *CODE, *CONFIGURATION, *VALUES]
SURROUNDINGS = ["{}", "the key is {} .", "x --y '{}'", '{{"a":"{}"}}', r'"b\n{}\n"', "a/{}?x", "\u00e9 {}\n"]


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_token_is_recognized_by_its_shape_wherever_it_is(token: str) -> None:
    for surroundings in SURROUNDINGS:
        shown = redact_text(surroundings.format(token))
        assert REPLACEMENT in shown
        assert token[8:16] not in shown
        assert token[-8:] not in shown


@pytest.mark.parametrize("text", TEXTS)
def test_a_secret_in_a_text_is_hidden(text: str) -> None:
    shown = redact_text(text.replace("§", SECRET))
    assert REPLACEMENT in shown
    assert SECRET not in shown


@pytest.mark.parametrize("text", [*COMMANDS, *CODE])
def test_a_secret_in_a_text_in_json_is_hidden(text: str) -> None:
    shown = redact_text(json.dumps({"command": "x\n" + text.replace("§", SECRET)}))
    assert SECRET not in shown
    assert SECRET not in json.dumps(redact({"command": text.replace("§", SECRET)}))


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_is_shown_unchanged(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("API_KEY=x1 make test && echo done", f"API_KEY={REPLACEMENT} make test && echo done"),
        ('curl -H "Authorization: Bearer x1y2z3" https://x', f'curl -H "Authorization: {REPLACEMENT}" https://x'),
        ("mysql://user:pw@host/db", f"mysql://user:{REPLACEMENT}@host/db"),
        ("a --password x1 --force", f"a --password {REPLACEMENT} --force"),
        ("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\nthen", f"{REPLACEMENT}\nthen"),
        ('{"token": "x1", "n": 1}', f'{{"token": {REPLACEMENT}, "n": 1}}'),
        ("<user>bob</user><password>x1</password>", f"<user>bob</user><password>{REPLACEMENT}</password>"),
        ("redis-cli -h cache -a x1 ping", f"redis-cli -h cache -a {REPLACEMENT} ping"),
        ('os.environ["API_KEY"] = "x1"  # ours', f'os.environ["API_KEY"] = {REPLACEMENT}  # ours'),
        ("hooks.slack.com/services/T1/B1/x1", "hooks.slack.com/services/T1/B1/x1"),
        ("https://hooks.slack.com/services/T1/B1/x1 ok", f"https://hooks.slack.com/services/{REPLACEMENT} ok"),
    ],
)
def test_the_text_around_a_secret_is_shown(text: str, shown: str) -> None:
    assert redact_text(text) == shown


def test_each_separator_has_what_it_needs_before_the_name() -> None:
    assert SEPARATOR.groups == len(BEFORE)


def test_the_tables_are_as_large_as_they_are_said_to_be() -> None:
    assert len(TOKENS) + len(TEXTS) >= 170
    assert len(HARMLESS) >= 100
