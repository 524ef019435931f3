"""The pages and their files as the server sends them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.web.built_files import read_assets
from tests.chatserver.world import PASSWORD, World, made_settings, made_world

SCRIPT = read_assets("chat").script


@pytest.fixture(params=[True, False], ids=["production", "development"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with made_world(made_settings(tmp_path, production=request.param)) as world:
        yield world


def test_a_page_has_no_script_and_no_style_in_it(world: World) -> None:
    answer = world.nobody().get("/chat")
    assert (answer.status, answer.content_type) == (200, "text/html; charset=utf-8")
    assert re.findall(r"<script(?![^>]* src=)|<style|style=| on\w+=", answer.text) == []
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_file_that_a_page_names_is_there(world: World) -> None:
    named = re.findall(r'"(/static/[^"]+)"', world.nobody().get("/chat").text)
    assert SCRIPT in named
    assert {address: world.nobody().get(address).status for address in named} == dict.fromkeys(named, 200)


def test_registration_shows_only_where_it_is_on(world: World) -> None:
    states = ["off", "off"] if world.settings.production else ["first", "on"]
    assert registration(world) == states[0]
    world.services.users.add_user("ann", PASSWORD)
    assert registration(world) == states[1]


def registration(world: World) -> str:
    (found,) = re.findall(r'data-registration="(\w+)"', world.nobody().get("/chat").text)
    return str(found)


def test_a_file_is_kept_for_a_year_in_production_and_not_at_all_in_development(world: World) -> None:
    kept = "public, max-age=31536000, immutable" if world.settings.production else "no-store"
    answer = world.nobody().get(SCRIPT)
    assert answer.headers["Cache-Control"] == kept
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_is_sent_small_to_who_takes_it_so(world: World) -> None:
    client = world.app.test_client()
    small = client.get(SCRIPT, headers={"Accept-Encoding": "br, gzip"})
    whole = client.get(SCRIPT)
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert gzip.decompress(small.data) == whole.data


@pytest.mark.parametrize(
    "path",
    ["chat/none.js", "chat/..%2f..%2fserver.py", "chat/%2e%2e", "chat/manifest.json", "other/main.js", "chat/.js"],
)
def test_there_is_nothing_else_below_static(world: World, path: str) -> None:
    assert world.nobody().get(f"/static/{path}").status == 404


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_gets_a_page_where_there_is_nothing_and_other_clients_a_problem_document(world: World) -> None:
    client = world.app.test_client()
    page = client.get("/no/such/page", headers=BROWSER)
    assert (page.status_code, page.content_type) == (404, "text/html; charset=utf-8")
    assert "Page not found" in page.text
    assert 'href="/"' in page.text
    for path, headers in (("/no/such/page", {}), ("/api/nothing", BROWSER), ("/static/chat/nothing.js", BROWSER)):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/", "/chat", "/no/such/page"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_is_rendered_in_the_chosen_theme(world: World, path: str, theme: str) -> None:
    client = world.app.test_client()
    client.set_cookie("hookmeter_theme", theme)
    html = client.get(path, headers=BROWSER).text
    assert f'<html lang="en" data-theme="{theme}">' in html
    assert f'<meta name="color-scheme" content="{theme}">' in html


@pytest.mark.parametrize("theme", ["", "system", "sepia", '"><script>alert(1)</script>'])
def test_without_a_chosen_theme_the_system_decides(world: World, theme: str) -> None:
    client = world.app.test_client()
    client.set_cookie("hookmeter_theme", theme)
    html = client.get("/").text
    assert '<html lang="en">' in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "alert" not in html
