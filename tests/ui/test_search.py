"""The dashboard's search: the field, the results, and the links to the calls that were found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from chatserver.storage.schema import tasks
from exporter.search.index_file import FILE_NAME
from exporter.search.update import Sources, update_index
from tests.e2e.processes import wait_for
from tests.support.synthetic_logs import MINUTE_US, SECOND_US, append, now_us
from tests.support.synthetic_transcripts import line, transcript, transcript_call, transcript_prompt
from tests.ui.browser import Browser, Page, by_role
from tests.ui.dashboard import HOSTILE, PHONE, log_in_to_dashboard, open_dashboard, start_task, task_of
from tests.ui.site import Site, running_site

CHECKOUT, INVOICES = "368d4184-2da4-4fae-8ee7-0fe98da2022a", "9638e395-5e02-4d61-9ade-1500d69ea65e"
FIELD = by_role("searchbox", "Search prompts")
PYTEST = "FAILED tests/test_checkout.py::test_total - AssertionError: assert 41 == 42\n1 failed, 128 passed in 9.31s"
# What is called, its input, and its error.
CALLS = (
    ("Read", {"file_path": "/home/dev/shop/src/checkout/total.py"}, ""),
    ("Grep", {"pattern": "def total", "path": "src/checkout"}, ""),
    ("Bash", {"command": "pytest tests/test_checkout.py -q", "description": "Run the tests of the checkout"}, PYTEST),
    ("Edit", {"file_path": "/home/dev/shop/src/checkout/total.py", "old_string": "a", "new_string": "b"}, ""),
    ("Bash", {"command": "pytest -q && git commit -am 'Round the total of the checkout'"}, ""),
    (
        "Bash",
        {"command": "git push origin checkout-total", "description": "Push the branch"},
        "remote: Permission denied",
    ),
)
QUESTIONS = (
    (CHECKOUT, "Fix the checkout", "The total of the checkout is off by a cent. Find out why, and fix it with a test."),
    (INVOICES, "Export invoices", f"Export the invoices as CSV, like the checkout does. {HOSTILE}"),
)


def answer(projects: Path, session: str, at_us: int, text: str) -> None:
    message = {
        "id": f"msg_{at_us}",
        "model": "claude-opus-4-6",
        "content": [{"type": "text", "text": text}],
        "usage": {},
    }
    line(projects, session, at_us, "assistant", message)


def write_sessions(projects: Path) -> None:
    """Write two sessions of this hour."""
    for number, (session, title, prompt) in enumerate(QUESTIONS):
        start = now_us() - (50 - 20 * number) * MINUTE_US
        transcript_prompt(projects, session, start, prompt)
        for step, (tool, given, error) in enumerate(CALLS * 8):
            at_us = start + (step + 1) * 5 * SECOND_US
            own = given | {"step": f"{title} {step}"} if tool == "Bash" else given
            transcript_call(projects, session, at_us, tool=tool, tool_input=own, error=error)
        text = "The checkout rounds each item now, not the total alone; **test_total** covers it."
        answer(projects, session, start + 5 * MINUTE_US, text)
        append(transcript(projects, session), {"type": "ai-title", "aiTitle": title, "sessionId": session})


@pytest.fixture
def said(tmp_path: Path) -> Iterator[Site]:
    """A site with two sessions that are indexed."""
    with running_site(tmp_path) as site:
        site.add_user()
        site.add_user("root", "admin")
        exporter = site.settings.exporter
        write_sessions(Path(exporter.transcript_roots[0]))
        update_index(exporter.data_dir, Sources((), exporter.transcript_roots))
        yield site


@pytest.fixture
def page(browser: Browser, said: Site) -> Iterator[Page]:
    page = open_dashboard(browser, said)
    page.see(".glance")
    yield page
    assert page.problems() == []
    assert page.foreign_requests() == []
    page.close()


def search(page: Page, text: str) -> None:
    page.fill(FIELD, text)
    page.press("Enter")


def test_words_are_found_and_marked(page: Page) -> None:
    search(page, "checkout total")
    page.see(".result mark >> text=checkout")
    assert {text.lower() for text in page.texts(".result mark")} <= {"checkout", "total", "checkout/total"}
    page.see(f"{by_role('status', '')} >> text=results")
    assert page.evaluate("location.search") == "?search=checkout+total"
    page.check_accessibility("dashboard-search")


def test_results_follow_what_is_typed_and_filters_narrow_them(page: Page) -> None:
    search(page, "permission")
    page.see(".result.error")
    page.fill(FIELD, "invoices")
    page.see(".result.prompt mark >> text=invoices")
    page.wait_until("location.search === '?search=invoices'")
    page.click("role=radio[name='Commands']")
    page.see_gone(".result.prompt")
    page.see(".result.command")
    assert page.evaluate("location.search") == "?search=invoices&kind=command"
    page.call("selectOption", "7d", selector=".filters select")
    page.wait_until("location.search === '?search=invoices&kind=command&within=7d'")
    page.call("goBack")
    page.see(".glance")


def test_a_result_opens_the_session_at_the_call(page: Page) -> None:
    search(page, '"Fix the checkout 40" kind:command')
    page.click(".result >> text=pytest")
    page.see("#detail-title")
    page.see(".call.target >> text=Bash")
    page.see_texts(".call.target .name", ["Bash"])
    assert page.evaluate("new URLSearchParams(location.search).get('session')") == CHECKOUT
    assert page.evaluate("document.querySelector('.timeline .rows').scrollTop > 0")
    page.click(".call.target button")
    page.see(".call-dialog >> text=Fix the checkout 40")


def test_a_link_to_a_search_shows_its_results(browser: Browser, said: Site) -> None:
    page = open_dashboard(browser, said, "/?search=%22permission+denied%22&kind=error")
    page.see(".result.error mark >> text=Permission denied")
    assert page.evaluate("document.querySelector('input[type=search]').value") == '"permission denied"'
    page.close()


def test_texts_are_shown_literally(page: Page) -> None:
    search(page, "onerror")
    page.see(".result >> text=<script>alert(2)</script>")
    assert page.evaluate("document.querySelectorAll('.result img, .result script').length") == 0


def test_more_results_are_loaded_on_demand(page: Page) -> None:
    search(page, "tool:bash kind:command")
    page.see(by_role("button", "More results"))
    page.see_number(".result", 20)
    page.click(by_role("button", "More results"))
    page.wait_until("document.querySelectorAll('.result').length === 40")


def test_results_stay_if_more_of_them_cannot_be_loaded(page: Page) -> None:
    search(page, "tool:bash kind:command")
    page.see(by_role("button", "More results"))
    with page.refusing("**/api/search*", 503, "The disk is full."):
        page.click(by_role("button", "More results"))
        page.see(".results [role=alert] >> text=The disk is full.")
        page.see_number(".result", 20)
    page.click(by_role("button", "Try again"))
    page.wait_until("document.querySelectorAll('.result').length === 40")


def test_without_words_and_without_results_it_says_what_can_be_written(page: Page) -> None:
    search(page, "")
    page.see(".search-help")
    page.check_accessibility("dashboard-search-help")
    page.fill(FIELD, "nosuchword")
    page.see("text=Nothing found")
    page.fill(FIELD, "kind:nosuch")
    page.see("text=invalid kind 'nosuch'")
    page.click(".search-help >> text=tool:Bash make")
    page.wait_until("location.search.startsWith('?search=tool')")


def test_users_find_the_sessions_of_their_tasks_alone(browser: Browser, said: Site) -> None:
    bob = said.add_user("bob")
    task = start_task(said, "Export the invoices", bob)
    wait_for(lambda: task_of(said, task.task_id).status == "completed", "the task to end")
    said.services.database.run(
        lambda connection: connection.execute(
            update(tasks).where(tasks.c.task_id == task.task_id).values(session_uuid=INVOICES)
        )
    )
    for name, sessions in (("ann", set()), ("bob", {INVOICES[:8]})):
        page = open_dashboard(browser, said)
        page.click(by_role("button", "Log in"))
        log_in_to_dashboard(page, name)
        search(page, "checkout")
        page.see("text=You find what was said in the sessions of your tasks.")
        page.see(".result" if sessions else "text=Nothing found")
        assert set(page.texts(".session-hits .id")) == sessions
        page.close()


def test_an_index_that_is_missing_or_damaged_or_off_is_explained(browser: Browser, said: Site) -> None:
    index = said.settings.exporter.data_dir / FILE_NAME
    index.write_bytes(b"damaged" * 1000)
    page = open_dashboard(browser, said, "/?search=checkout")
    page.see("text=is damaged")
    index.unlink()
    page.fill(FIELD, "checkout total")
    page.see("text=The index is still being built")
    page.see(".result")
    page.close()
    said.stop()
    said.settings = replace(said.settings, exporter=replace(said.settings.exporter, no_search=True))
    said.start()
    page = open_dashboard(browser, said, "/?search=checkout")
    page.see("text=Search is switched off on this server")
    page.close()


def test_on_a_phone_it_fits(browser: Browser, said: Site) -> None:
    page = open_dashboard(browser, said, "/?search=checkout", **PHONE)
    page.see(".result mark")
    page.check_accessibility("dashboard-search-phone")
    assert page.problems() == []
    page.close()
