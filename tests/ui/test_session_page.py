"""The page of one session: its rows, lanes and dialogs, and what can be done with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.eventful_session import EVENTFUL, PROMPT, SECRET, SUBJECTS, write_eventful_session
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, append, call, now_us
from tests.support.synthetic_transcripts import line, transcript, transcript_call, transcript_prompt
from tests.ui.browser import Browser, Page, by_role
from tests.ui.dashboard import HOSTILE, PHONE, SHOP, logs, open_dashboard, start_task, task_of
from tests.ui.site import Site

DAY_US = 24 * HOUR_US
EVENT_ROWS = [
    "Prompt", "Answer", "Answer", "API error", "Other model", "Answer", "Waits for permission", "Compaction", "Answer",
    "Prompt", "Waits for permission",
]  # fmt: skip


@pytest.fixture
def eventful(site: Site) -> Site:
    write_eventful_session(logs(site), projects(site), now_us() - 20 * MINUTE_US)
    return site


@pytest.fixture
def page(browser: Browser, eventful: Site) -> Iterator[Page]:
    page = open_dashboard(browser, eventful, f"/?session={EVENTFUL}")
    page.see(".call.answer")
    yield page
    assert page.problems() == []
    assert page.foreign_requests() == []
    page.close()


def projects(site: Site) -> Path:
    return Path(site.settings.exporter.transcript_roots[0])


def test_rows_show_what_happened_and_what_each_call_is_about(page: Page) -> None:
    names = page.texts(".call .name")
    subjects = page.texts(".call .subject")
    assert [name for name in names if name in EVENT_ROWS] == EVENT_ROWS
    assert [subject for subject in subjects if subject in SUBJECTS] == list(SUBJECTS)
    assert PROMPT.partition("\n")[0] in subjects
    assert "Totals are rounded before the coupon is applied." in subjects
    assert "HTTP 529, next attempt in 0.6 s" in subjects
    assert "auto, 155,000 → 21,000 tokens" in subjects
    assert page.texts(".call.permission .duration")[0] == "12 s"
    page.check_accessibility("session")


def test_each_request_is_shown_once_and_the_totals_end_at_the_cost(page: Page, eventful: Site) -> None:
    costs = [text for text in page.texts(".call .cost") if text]
    requests = eventful.services.aggregator.get_requests(EVENTFUL)
    assert len(costs) == len(requests)
    assert page.texts(".call .total")[-2] == f"${sum(one['cost_usd'] or 0 for one in requests):.2f}"
    assert page.texts(".facts-row >> text=/^Cost/ >> xpath=..")[0].endswith(page.texts(".call .total")[-2])


def test_a_total_of_costs_that_floats_cannot_add_is_that_of_the_session(browser: Browser, site: Site) -> None:
    at_us = now_us() - MINUTE_US
    for place in range(7):
        used = {"input_tokens": 890, "output_tokens": 0}
        message = {"id": f"msg_{place}", "model": "claude-opus-4-6", "content": [], "usage": used}
        line(projects(site), "sums", at_us + place * SECOND_US, "assistant", message, requestId=f"req_{place}")
    page = open_dashboard(browser, site, "/?session=sums")
    page.see(".call >> nth=6")
    assert page.texts(".call .total")[-1] == "$0.0312"
    page.see(".facts-row >> text=$0.0312")
    page.close()


def test_paths_are_those_in_the_project_and_commands_are_whole(browser: Browser, site: Site) -> None:
    task = start_task(site, "fix the basket\nwait")
    session, command = task_of(site, task.task_id).session_uuid or "", f"/usr/bin/rm -r {SHOP}/dist"
    call(logs(site), session, now_us(), project_dir=SHOP, tool_input={"command": command})
    call(logs(site), session, now_us(), tool="Read", tool_input={"file_path": f"{SHOP}/src/basket.py"})
    for path in (f"/?session={session}", f"/?task={task.task_id}"):
        page = open_dashboard(browser, site, path)
        page.see(".call .subject >> nth=1")
        page.see_texts(".call .subject", [command, "src/basket.py"])
        page.close()


def test_a_session_of_several_days_has_dates_and_hatched_gaps_with_a_legend(browser: Browser, site: Site) -> None:
    now = now_us()
    transcript_prompt(projects(site), "long", now - 2 * DAY_US - 5 * MINUTE_US, "Look into it")
    for ago in (2, 1, 0):
        transcript_call(projects(site), "long", now - ago * DAY_US - 5 * MINUTE_US)
    page = open_dashboard(browser, site, "/?session=long")
    page.see(".call >> nth=3")
    assert len(set(page.texts(".call .date"))) == 3
    assert all(" " in text for text in page.texts(".axis .lane span"))
    page.see(".timeline-legend >> text=Time in which nothing happened, not to scale")
    page.see(".call .gap >> nth=1")
    titles = page.evaluate("[...document.querySelector('.call').querySelectorAll('.gap')].map((one) => one.title)")
    assert titles == ["Nothing for 23 h 59 min"] * 2
    page.check_accessibility("session-of-days")
    page.call("setViewportSize", {"width": 390, "height": 844})
    page.see("text=Look into it")
    page.wait_until("document.querySelectorAll('.call .date').length === 3")
    page.check_accessibility("session-of-days-phone")
    assert page.problems() == []
    page.close()


def test_a_session_of_one_day_has_no_dates_and_without_gaps_no_hatching(browser: Browser, site: Site) -> None:
    noon = datetime.now().astimezone().replace(hour=12) - timedelta(days=1)
    transcript_call(projects(site), "short", round(noon.timestamp()) * SECOND_US)
    page = open_dashboard(browser, site, "/?session=short")
    page.see(".call .time")
    assert page.texts(".call .date") == []
    page.see_texts(".timeline-legend li", ["Call"])
    assert len(set(page.texts(".axis .lane span"))) == 4  # all of them within one second
    page.close()


def test_a_click_anywhere_on_a_row_opens_it(page: Page) -> None:
    page.click(".call.prompt >> nth=0 >> .lane")
    page.see("role=dialog >> text=Find out why")
    assert SECRET not in page.text("dialog")
    page.press("Escape")
    page.see_gone("role=dialog")
    page.click(".call:has-text('rates.py') >> nth=0 >> .lane")
    page.see("role=dialog >> text=file_path")
    page.press("Escape")
    page.see_gone("role=dialog")
    page.click(".call.denied >> .lane")
    page.see("role=dialog >> role=heading[name='Reason']")
    page.press("Escape")
    page.see_gone("role=dialog")
    page.focus(".call.compaction button")
    page.press("Enter")
    page.see("role=dialog >> text=auto")
    page.check_accessibility("session-event")


def test_agents_are_lanes_whose_marks_lead_to_their_rows(page: Page) -> None:
    page.see_texts(".lane-row .label", ["main\n5 calls", "Explore\n2 calls"])
    marks = {kind: len(page.texts(f".lane-row .mark.{kind}")) for kind in ("prompt", "permission", "compaction")}
    assert marks == {"prompt": 2, "permission": 2, "compaction": 1}
    page.click(".lane-row .mark.compaction")
    page.see(".call.compaction.target")
    page.click(by_role("button", "Explore"))
    page.see(".call.target >> text=Grep")


def test_the_first_error_is_one_click_away(page: Page) -> None:
    page.click("role=radio[name=/Failed or denied/]")
    page.click(by_role("button", "First error"))
    page.see(".call.error.target >> text=make test")
    assert page.focused().startswith("Bash")


def test_the_command_that_resumes_the_session_can_be_copied(page: Page, eventful: Site) -> None:
    page.see(".resume code")
    profile = projects(eventful).parent
    assert (
        page.text(".resume code")
        == f"cd '/home/you/web shop' && CLAUDE_CONFIG_DIR={profile} claude --resume {EVENTFUL}"
    )
    page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }")
    page.click(by_role("button", "Copy the command"))
    page.see(by_role("button", "Copied"))
    assert page.evaluate("window.copied") == page.text(".resume code")


def test_a_session_can_be_exported(page: Page) -> None:
    exports = {name: page.call("getAttribute", "href", selector=f".export >> text={name}") for name in ("JSON", "CSV")}
    parts = json.loads(page.evaluate(f"fetch('{exports['JSON']}').then((response) => response.text())"))
    assert [one["subject"] for one in parts["tools"]] == list(SUBJECTS)
    assert SECRET not in json.dumps(parts)
    csv = page.evaluate(f"fetch('{exports['CSV']}').then((response) => response.text())")
    assert csv.startswith("at,kind,agent")
    page.see(".export >> text=Markdown")


def test_the_first_rows_of_a_long_session_are_followed_by_all_others(browser: Browser, site: Site) -> None:
    for number in range(250):
        call(logs(site), "long", now_us() - (300 - number) * SECOND_US, tool_input={"command": f"step {number}"})
    page = open_dashboard(browser, site, "/?session=long")
    page.see(".call >> text=step 0")
    page.see("role=radio[name='All 250']")
    page.evaluate("document.querySelector('.timeline .rows').scrollTo(0, 1e6)")
    page.see(".call >> text=step 249")
    page.close()


def test_a_phone_shows_the_same(browser: Browser, eventful: Site) -> None:
    page = open_dashboard(browser, eventful, f"/?session={EVENTFUL}", **PHONE)
    page.see(".call >> text=The total of the cart")
    page.check_accessibility("session-phone")
    page.close()


def test_a_session_without_hooks_says_what_they_would_add(
    browser: Browser, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    transcript_prompt(projects(site), "s1", now_us() - MINUTE_US, "Make the tests pass")
    transcript_call(projects(site), "s1", now_us() - MINUTE_US)
    page = open_dashboard(browser, site, "/?session=s1")
    page.see(".call.prompt >> text=Make the tests pass")
    page.see(".hooks-hint >> text=hookmeter hooks install")
    assert "waits for permission" in page.text(".hooks-hint")
    page.check_accessibility("session-without-hooks")
    page.close()


def test_a_session_whose_files_are_deleted_shows_what_the_ledger_remembers(browser: Browser, site: Site) -> None:
    exporter, root = site.settings.exporter, projects(site)
    transcript_prompt(root, "old", now_us() - 40 * 24 * HOUR_US - SECOND_US)
    transcript_call(root, "old", now_us() - 40 * 24 * HOUR_US, tool="Read")
    title = append(transcript(root, "old"), {"type": "ai-title", "aiTitle": "Brew tea", "sessionId": "old"})
    with open_ledger(exporter.data_dir, 200) as ledger:
        Meter([str(logs(site))], ledger, transcript_roots=[str(root)]).catch_up()
    title.unlink()
    page = open_dashboard(browser, site, "/?session=old")
    page.see("role=heading >> text=Brew tea")
    page.see(".remembered td >> text=Read")
    page.see("text=1 prompt, whose text is not kept.")
    assert page.texts(".export") == []
    page.check_accessibility("session-deleted")
    page.close()


def test_html_in_texts_stays_text(browser: Browser, site: Site) -> None:
    transcript_prompt(projects(site), "evil", now_us() - MINUTE_US, HOSTILE)
    call(logs(site), "evil", now_us(), tool_input={"command": HOSTILE})
    page = open_dashboard(browser, site, "/?session=evil")
    page.click(".call.prompt")
    page.see("role=dialog >> text=<img")
    assert page.evaluate("document.querySelectorAll('img, main script').length") == 0
    assert page.problems() == []
    page.close()
