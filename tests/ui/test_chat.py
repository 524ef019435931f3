"""Conversations on /chat, as a user has them."""

from __future__ import annotations

from pathlib import Path

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.chat.history import NewMessage, Role
from chatserver.tasks.records import TaskFilter, TaskStatus
from tests.e2e.processes import wait_for
from tests.ui.browser import Browser, Page, by_role
from tests.ui.site import Site, send

RUNNING_TASKS = "role=heading[name='Tasks 1']"
# A scroll event that comes after the content has grown again: the browser sends it with the next frame.
GROWING = """(() => {
    const box = document.querySelector(".thread"), more = document.createElement("li");
    more.style.minHeight = "900px";
    box.firstElementChild.append(more);
    box.dispatchEvent(new Event("scroll"));
})()"""
AT_END = """(() => {
    const box = document.querySelector(".thread");
    return box.scrollTop > 0 && box.scrollHeight - box.scrollTop - box.clientHeight < 2;
})()"""
ANSWER = ".message.assistant:not(.working)"


def statuses(site: Site) -> list[TaskStatus]:
    return [task.status for task in site.services.manager.list(TaskFilter(), LOCAL_ADMIN).tasks]


def test_an_answer_is_rendered_as_markdown_with_its_cost(page: Page) -> None:
    page.see(".commands")
    page.check_accessibility("welcome")
    send(page, "markdown please")
    page.see(f"{ANSWER} >> role=table")
    page.see("h3 >> text=What changed")
    page.see(".hljs-keyword >> text=import")
    page.see(".byline >> text=$0.0412")
    assert page.call("getAttribute", "rel", selector=".prose a") == "noopener noreferrer"
    page.see_texts("nav .title", ["markdown please"])
    page.check_accessibility("answer")


def test_an_answer_streams_in_and_its_task_is_shown_until_it_ends(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.see(".working >> text=You said: hold this")
    page.see(".working >> text=Using Bash")
    page.see(".working >> text=40%")
    page.see(RUNNING_TASKS)
    page.check_accessibility("working")
    site.release()
    page.see(ANSWER)
    page.see_gone(".working")
    page.see_gone(RUNNING_TASKS)
    page.see_texts(f"{ANSWER} .prose", ["You said: hold this"])


def test_the_view_follows_an_answer_that_grows_until_the_user_scrolls_up(page: Page) -> None:
    send(page, "/help")
    page.see("text=list all commands")
    for _ in range(2):
        page.evaluate(GROWING)
        page.wait_until(AT_END)
        page.see_gone("text=Jump to latest")
    page.evaluate("document.querySelector('.thread').scrollTop = 100")
    page.see("text=Jump to latest")
    page.evaluate(GROWING)
    page.see("text=Jump to latest")
    page.click("text=Jump to latest")
    page.wait_until(AT_END)
    page.see_gone("text=Jump to latest")


def test_stop_stops_a_task(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.click(f".working >> {by_role('button', 'Stop')}")
    page.see("text=The task was stopped.")
    page.see_gone(".working")
    wait_for(lambda: statuses(site) == [TaskStatus.STOPPED], "the task to be stopped")
    page.check_accessibility("stopped")


def test_retry_sends_a_failed_message_again(page: Page) -> None:
    send(page, "fail once")
    page.see(".message.error")
    page.click(f".message.error >> {by_role('button', 'Retry')}")
    page.wait_until("document.querySelectorAll('.message.error').length === 2")
    page.see_texts(".message.user .plain-text", ["fail once", "fail once"])
    page.check_accessibility("error")


def test_code_and_answers_can_be_copied(page: Page) -> None:
    send(page, "markdown please")
    page.see(ANSWER)
    page.click(f".code >> {by_role('button', 'Copy')}")
    page.see("text=Copied")
    assert str(page.evaluate("navigator.clipboard.readText()")).startswith(
        "from decimal import Decimal\n\n\ndef total("
    )
    page.click(f"{ANSWER} >> .actions >> {by_role('button', 'Copy')}")
    page.wait_until("navigator.clipboard.readText().then((text) => text.includes('## What changed'))")


def test_a_slash_completes_commands_and_shows_their_usage(page: Page) -> None:
    page.see(".commands")
    page.fill("#message", "/tasks:st")
    page.see("role=option[name=/tasks:stop ID stop a task/]")
    page.check_accessibility("completions")
    page.press("ArrowDown", "ArrowDown", "Enter")
    assert page.call("inputValue", selector="#message") == "/tasks:stop "
    page.see(".usage >> text=stop a task")
    page.type("none")
    page.press("Enter")
    page.see(".reply")
    page.fill("#message", "/help")
    page.press("Escape", "Enter")
    page.see(".reply >> text=/tasks:clearfailed")
    page.check_accessibility("commands")


def test_clear_starts_a_new_conversation_and_keeps_the_old_one(page: Page) -> None:
    send(page, "one thing")
    page.see(ANSWER)
    send(page, "/clear")
    page.see("role=heading[name='New conversation']")
    send(page, "another thing")
    page.see("text=You said: another thing")
    page.see_texts("nav .title", ["another thing", "one thing"])
    page.click("nav >> text=one thing")
    page.see("text=You said: one thing")
    page.call("reload")
    page.see("text=You said: one thing")
    page.see_texts(".message h2", ["You", "Claude"])


def test_a_conversation_is_deleted_after_confirmation(page: Page, site: Site) -> None:
    send(page, "one thing")
    page.see(ANSWER)
    page.click(by_role("button", "Delete this"))
    page.check_accessibility("delete")
    page.press("Escape")
    page.see_gone("role=dialog")
    page.click(by_role("button", "Delete this"))
    page.click("dialog >> role=button[name='Delete']")
    page.see("text=No conversations yet")
    send(page, "hello again")
    page.see("text=You said: hello again")


def test_the_address_of_a_conversation_that_is_gone_leads_to_a_new_one(page: Page) -> None:
    page.goto("/chat#chat=none-such")
    page.see("role=alert >> text=That conversation was deleted, or it is not yours.")
    page.see("role=heading[name='New conversation']")
    assert page.evaluate("location.hash") == ""
    page.check_accessibility("no-conversation")
    send(page, "hello")
    page.see("text=You said: hello")


def test_a_rejected_message_can_be_retried(browser: Browser, page: Page, site: Site) -> None:
    send(page, "one thing")
    page.see(ANSWER)
    workspace = site.settings.tasks.workspaces[0]
    workspace.rename(workspace.with_name("moved"))
    send(page, "another thing")
    page.see(".rejected")
    page.check_accessibility("rejected")
    workspace.with_name("moved").rename(workspace)
    page.click(".rejected >> role=button[name='Retry']")
    page.see("text=You said: another thing")
    page.see_gone(".rejected")


def test_a_message_appears_in_all_windows(browser: Browser, page: Page, site: Site) -> None:
    other = site.open_chat(browser)
    send(page, "one thing")
    page.see(ANSWER)
    other.see("nav >> text=new")
    other.click("nav >> text=one thing")
    other.see("text=You said: one thing")
    chat = other.evaluate("location.hash.split('=')[1]")
    site.services.chats.add_message(NewMessage(chat, Role.ASSISTANT, "A later message.", "later"))
    site.services.hub.send_new_messages(site.services.users.list()[0].user_id)
    for window in (page, other):
        window.see("text=A later message.")
        window.see_texts(".message h2", ["You", "Claude", "Claude"])
    other.close()


def test_an_admin_sees_the_tasks_of_others(browser: Browser, page: Page, site: Site) -> None:
    site.add_user("root", "admin")
    admin = site.open_chat(browser, "root")
    send(page, "hold this")
    admin.see("text=another user’s task")
    admin.click(by_role("button", "Stop"))
    page.see("text=The task was stopped.")
    admin.close()


def test_the_chat_loads_nothing_from_other_servers(page: Page, tmp_path: Path) -> None:
    send(page, "attack")
    page.see(ANSWER)
    assert page.foreign_requests() == []
