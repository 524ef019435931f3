"""How full the contexts of running sessions are, over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exporter.prices.context_windows import ALWAYS_LARGE, ALWAYS_SMALL, LARGE, SMALL, SMALL_OR_LARGE, context_window
from exporter.prices.list_prices import TABLE
from tests.chatserver.api.test_history import count
from tests.chatserver.world import Person, World
from tests.support.synthetic_logs import SECOND_US, now_us
from tests.support.synthetic_transcripts import line, transcript_call
from tests.support.transcript_lines import usage

OPUS = "claude-opus-5-5"


def request(world: World, number: int, used: dict[str, object], *, agent_id: str = "", model: str = OPUS) -> None:
    """Write a request of the running session, each a second after the one before."""
    message = {"id": f"msg_{number}", "model": model, "content": [{"type": "text", "text": "Next."}], "usage": used}
    projects, at_us = Path(world.settings.exporter.transcript_roots[0]), now_us() - (60 - number) * SECOND_US
    line(projects, "running", at_us, "assistant", message, agent_id, requestId=f"req_{number}")


def context(person: Person) -> Any:
    person_sees = person.client.get("/api/metrics", headers={**person.headers, "Accept": "application/json"})
    (session,) = person_sees.get_json()["running"]["sessions"]
    return session["context"]


@pytest.mark.parametrize("is_counted", [False, True])
def test_the_context_is_what_the_last_request_of_the_main_agent_sent(
    world: World, admin: Person, is_counted: bool
) -> None:
    request(world, 1, usage(10, 50, read=120_000, five=500))
    request(world, 2, usage(10, 500, read=150_000, five=400, hour=90))
    request(world, 3, usage(7, 50, read=11), agent_id="a1")
    (directory,) = world.settings.exporter.sessions_dirs
    if is_counted:
        count(world, directory)
    assert context(admin) == {"tokens": 150_500, "window": LARGE, "model": OPUS}


def test_what_is_not_counted_yet_is_newer(world: World, admin: Person) -> None:
    request(world, 1, usage(10, 50, read=900))
    count(world, world.settings.exporter.sessions_dirs[0])
    request(world, 2, usage(10, 50), model="some-model")
    assert context(admin) == {"tokens": 10, "window": None, "model": "some-model"}


def test_without_a_request_there_is_no_context(world: World, admin: Person) -> None:
    projects = Path(world.settings.exporter.transcript_roots[0])
    transcript_call(projects, "running", now_us() - SECOND_US, took_ms=None, agent_id="a1")
    assert context(admin) is None


def test_every_model_with_a_list_price_has_one_entry_and_no_other_has() -> None:
    known = [*ALWAYS_SMALL, *ALWAYS_LARGE, *SMALL_OR_LARGE]
    models = set(json.loads(TABLE.read_text())["models"]) - {"claude-v1"}  # whose window nobody states
    assert len(known) == len(set(known))
    assert set(known) == models


@pytest.mark.parametrize(
    ("name", "tokens", "window"),
    [
        ("claude-haiku-4-5-20251001", 100_000, SMALL),
        ("us.anthropic.claude-opus-4-8-v1:0", 100_000, LARGE),
        ("claude-sonnet-4-6", SMALL, None),
        ("claude-sonnet-4-6[1m]", SMALL + 1, LARGE),
        ("gpt-7", 100, None),
    ],
)
def test_the_window_is_that_of_claude_code_and_unknown_if_it_may_be_either(
    name: str, tokens: int, window: int | None
) -> None:
    assert context_window(name, tokens) == window
