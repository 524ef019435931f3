"""Secrets never reach the file of the index, and texts are bounded."""

from __future__ import annotations

import pytest

from exporter.search.documents import MARGIN_CHARACTERS, MAX_CHARACTERS, redacted
from exporter.views.redaction import REPLACEMENT
from tests.exporter.search.indexed import Indexed
from tests.exporter.search.test_texts import SESSION, START, say
from tests.support.synthetic_logs import call, event
from tests.support.synthetic_transcripts import transcript_call, transcript_prompt

TOKEN = "ghp_Zx81LmQw73RtYp02VbNc64KdSf95HjGa1oEu"
PASSWORD = "hunter2hunter"


def test_no_secret_is_in_the_bytes_of_the_index(indexed: Indexed) -> None:
    projects = indexed.projects
    transcript_prompt(projects, SESSION, START, f"use {TOKEN} marker")
    transcript_call(projects, SESSION, START + 1, tool_input={"command": f"login --password {PASSWORD} marker"})
    transcript_call(projects, SESSION, START + 2, tool="mcp__x", tool_input={"api_key": PASSWORD, "note": "marker"})
    transcript_call(projects, SESSION, START + 3, error=f"marker: bad token {TOKEN}")
    transcript_call(projects, SESSION, START + 4, tool="Read", tool_input={"file_path": f"/marker/{TOKEN}"})
    say(indexed, f"marker PASSWORD={PASSWORD}", START + 5)
    event(indexed.logs, "lone", "UserPromptSubmit", START, prompt=f"marker {TOKEN}")
    call(
        indexed.logs,
        "lone",
        START,
        tool_input={"command": f"curl -u me:{PASSWORD} https://marker"},
        error=f"marker {TOKEN}",
    )
    indexed.update()
    assert len(indexed.results("marker")) == 9
    content = indexed.bytes().lower()
    assert b"marker" in content
    for secret in (TOKEN, PASSWORD):
        assert secret.lower().encode() not in content


def test_a_secret_at_the_cut_is_not_kept_in_part() -> None:
    for before in range(MAX_CHARACTERS - len(TOKEN), MAX_CHARACTERS + 1):
        assert "ghp_" not in redacted("x" * (before - 1) + " " + TOKEN + " tail" * 3000)
    limit = MAX_CHARACTERS + MARGIN_CHARACTERS
    for before in range(limit - len(TOKEN), limit + 1):
        assert "ghp_" not in redacted("x" * (before - 1) + " " + TOKEN + " tail" * 3000)


def test_a_text_is_bounded_also_if_redaction_shortens_it() -> None:
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{'Ab1/' * 900}\n-----END RSA PRIVATE KEY-----"
    for text in ("word " * 5_000, f"{key} {'word ' * 5_000}", f"{key}\n" * 20):
        kept = redacted(text)
        assert len(kept) <= MAX_CHARACTERS
        assert "Ab1/Ab1/" not in kept
    assert REPLACEMENT in redacted(f"{key} end")


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m", "re\x00d", "\x02red\x03", "\x9bred"])
def test_control_characters_are_removed(text: str) -> None:
    assert redacted(text) == "red"


def test_a_secret_with_control_characters_in_it_is_recognized() -> None:
    for control in ("\x1b[0m", "\x00", "\x1b]0;title\x07"):
        assert redacted(f"use {TOKEN[:9]}{control}{TOKEN[9:]}") == f"use {REPLACEMENT}"


def test_the_rules_of_today_are_applied_to_what_was_indexed_before(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("exporter.search.documents.redact_text", lambda text: text)  # an older version's rules
        transcript_prompt(indexed.projects, SESSION, START, f"use {TOKEN} marker")
        indexed.update()
    (result,) = indexed.results("marker")
    assert result["excerpt"] == [{"text": f"use {REPLACEMENT} marker", "match": False}]
