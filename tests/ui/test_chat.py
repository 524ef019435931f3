"""Giving agents work on /chat, as a person does it."""

from __future__ import annotations

from pathlib import Path

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.chat.history import NewMessage, Role
from chatserver.tasks.records import TaskFilter, TaskStatus
from tests.e2e.processes import wait_for
from tests.ui.browser import Browser, Page, named
from tests.ui.site import Site, send

ANSWER = ".message.assistant:not(.working)"


def statuses(site: Site) -> list[TaskStatus]:
    return [task.status for task in site.here.manager.list(TaskFilter(), LOCAL_ADMIN).tasks]


def test_an_answer_shows_as_markdown_with_its_cost(page: Page) -> None:
    page.see(".commands")
    page.check_access("welcome")
    send(page, "markdown please")
    page.see(f"{ANSWER} >> role=table")
    page.see("h3 >> text=What changed")
    page.see(".hljs-keyword >> text=import")
    page.see(".byline >> text=$0.0412")
    assert page.on("getAttribute", "rel", at=".prose a") == "noopener noreferrer"
    assert page.texts("nav .title") == ["markdown please"]
    page.check_access("answer")


def test_an_answer_streams_and_its_task_shows_until_it_has_ended(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.see(".working >> text=You said: hold this")
    page.see(".working >> text=Uses Bash")
    page.see(".working >> text=40 %")
    page.see("role=heading[name='Tasks 1']")
    page.check_access("working")
    site.go_on()
    page.see(ANSWER)
    page.miss(".working")
    page.miss("role=heading[name='Tasks 1']")
    assert page.texts(f"{ANSWER} .prose") == ["You said: hold this"]


def test_stop_ends_a_task(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.click(f".working >> {named('button', 'Stop')}")
    page.see("text=The task was stopped.")
    page.miss(".working")
    wait_for(lambda: statuses(site) == [TaskStatus.STOPPED], "the task to be stopped")
    page.check_access("stopped")


def test_a_problem_can_be_tried_again(page: Page) -> None:
    send(page, "fail once")
    page.see(".message.error")
    page.click(f".message.error >> {named('button', 'Retry')}")
    page.holds("document.querySelectorAll('.message.error').length === 2")
    assert page.texts(".message.user .plain-text") == ["fail once", "fail once"]
    page.check_access("problem")


def test_a_code_and_an_answer_can_be_copied(page: Page) -> None:
    send(page, "markdown please")
    page.click(f".code >> {named('button', 'Copy')}")
    page.see("text=Copied")
    assert str(page.value("navigator.clipboard.readText()")).startswith("from decimal import Decimal\n\ndef total(")
    page.click(f"{ANSWER} >> .deeds >> {named('button', 'Copy')}")
    page.holds("navigator.clipboard.readText().then((text) => text.includes('## What changed'))")


def test_a_slash_completes_commands_with_their_help(page: Page) -> None:
    page.see(".commands")
    page.fill("#message", "/tasks:st")
    page.see("role=option[name=/tasks:stop ID stop a task/]")
    page.check_access("completions")
    page.press("ArrowDown", "ArrowDown", "Enter")
    assert page.on("inputValue", at="#message") == "/tasks:stop "
    page.see(".usage >> text=stop a task")
    page.type("none")
    page.press("Enter")
    page.see(".reply")
    page.fill("#message", "/help")
    page.press("Escape", "Enter")
    page.see(".reply >> text=/tasks:clearfailed")
    page.check_access("commands")


def test_clear_begins_a_new_conversation_and_leaves_the_old_one(page: Page) -> None:
    send(page, "one thing")
    page.see(ANSWER)
    send(page, "/clear")
    page.see("role=heading[name='New conversation']")
    send(page, "another thing")
    page.see("text=You said: another thing")
    assert page.texts("nav .title") == ["another thing", "one thing"]
    page.click("nav >> text=one thing")
    page.see("text=You said: one thing")
    page.on("reload")
    page.see("text=You said: one thing")
    assert page.texts(".message h2") == ["You", "Claude"]


def test_a_conversation_is_deleted_once_that_is_confirmed(page: Page, site: Site) -> None:
    send(page, "one thing")
    page.see(ANSWER)
    page.click(named("button", "Delete this"))
    page.check_access("delete")
    page.press("Escape")
    page.miss("role=dialog")
    page.click(named("button", "Delete this"))
    page.click("dialog >> role=button[name='Delete']")
    page.see("text=What you talk about will be listed here.")
    send(page, "hello again")
    page.see("text=You said: hello again")


def test_a_message_that_is_refused_can_be_sent_again_or_discarded(browser: Browser, page: Page, site: Site) -> None:
    send(page, "one thing")
    page.see(ANSWER)
    workspace = site.settings.tasks.workspaces[0]
    workspace.rename(workspace.with_name("moved"))
    send(page, "another thing")
    page.see(".refused")
    page.check_access("refused")
    workspace.with_name("moved").rename(workspace)
    page.click("role=button[name='Send again']")
    page.see("text=You said: another thing")
    page.miss(".refused")


def test_what_is_said_in_one_window_shows_in_another(browser: Browser, page: Page, site: Site) -> None:
    other = site.entered(browser)
    send(page, "one thing")
    other.click("nav >> text=one thing")
    other.see("text=You said: one thing")
    chat = other.value("location.hash.split('=')[1]")
    site.here.chats.add_message(NewMessage(chat, Role.ASSISTANT, "Said later.", "later"))
    site.here.hub.send_new_messages(site.here.users.list()[0].user_id)
    for window in (page, other):
        window.see("text=Said later.")
        assert window.texts(".message h2") == ["You", "Claude", "Claude"]
    other.on("close")


def test_an_admin_sees_the_tasks_of_others(browser: Browser, page: Page, site: Site) -> None:
    site.person("root", "admin")
    admin = site.entered(browser, "root")
    send(page, "hold this")
    admin.see("text=somebody else’s")
    admin.click(named("button", "Stop"))
    page.see("text=The task was stopped.")
    admin.on("close")


def test_a_page_asks_nobody_but_its_server(page: Page, tmp_path: Path) -> None:
    send(page, "attack")
    page.see(ANSWER)
    assert page.elsewhere() == []
