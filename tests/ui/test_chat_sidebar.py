"""The sidebar of /chat: what a person is about to click does not move, whatever tasks and answers come and go."""

from __future__ import annotations

from pathlib import Path

from chatserver.accounts.viewer import Viewer
from chatserver.tasks.records import NewTask, Task, TaskStatus
from tests.e2e.processes import wait_for
from tests.ui.browser import Browser, Page
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER
from tests.ui.test_chat_accessibility import PHONE

TASKS = "section.running li"


def ann(site: Site) -> Viewer:
    return site.services.users.list()[0].viewer


def start(site: Site, description: str) -> Task:
    return site.services.manager.create(NewTask(ann(site), description))


def finish(site: Site, task: Task, file: str) -> None:
    """Let a task that waits for a file continue, until it is completed."""
    (Path(task.workspace) / file).touch()
    manager = site.services.manager
    wait_for(lambda: manager.get(task.task_id, ann(site)).status is TaskStatus.COMPLETED, "the task to be completed")


def place(page: Page, selector: str) -> str:
    """Where the first element of a CSS selector is."""
    found: str = page.evaluate(f"JSON.stringify(document.querySelector({selector!r}).getBoundingClientRect())")
    return found


def ask(page: Page, *messages: str) -> None:
    """Start a conversation with each of the messages."""
    for message in messages:
        page.click("role=button[name='New conversation']")
        send(page, message)
        page.see(f"{ANSWER} >> text={message}")


def test_conversations_stay_in_place_as_tasks_start_and_end(page: Page, site: Site) -> None:
    ask(page, "one", "two")
    before = place(page, "nav li")
    task = start(site, "three\nwait third")
    page.see("role=heading[name='Tasks 1']")
    assert place(page, "nav li") == before
    finish(site, task, "third")
    page.see_gone("role=heading[name='Tasks 1']")
    assert place(page, "nav li") == before


def test_conversations_keep_their_order_under_the_pointer(browser: Browser, page: Page, site: Site) -> None:
    ask(page, "one", "two")
    other = site.open_chat(browser)
    other.see_texts("nav .title", ["two", "one"])
    other.call("hover", selector="nav >> text=two")
    page.click("nav >> text=one")
    send(page, "and more")
    other.see("nav >> text=new")
    ask(page, "three")
    other.see_texts("nav .title", ["two", "one", "three"])
    other.call("hover", selector="main")
    other.see_texts("nav .title", ["three", "one", "two"])
    other.close()


def test_a_conversation_that_is_started_is_first_at_once(page: Page) -> None:
    ask(page, "one")
    page.click("role=button[name='New conversation']")
    page.type("two")
    page.press("Enter")
    page.see_texts("nav .title", ["two", "one"])


def test_the_tasks_under_the_pointer_do_not_move_as_others_start_and_end(page: Page, site: Site) -> None:
    first, second = start(site, "one\nwait first"), start(site, "two\nwait second")
    page.see("role=heading[name='Tasks 2']")
    page.see(f"{TASKS} >> text=Working >> nth=1")
    stop = f"{TASKS} >> nth=1 >> role=button"
    page.call("hover", selector=stop)
    second_stop = "section.running li:nth-child(2) button"
    before = place(page, second_stop)
    finish(site, first, "first")
    page.see(f"{TASKS} >> text=Completed")
    assert page.call("isDisabled", selector=f"{TASKS} >> nth=0 >> role=button")
    start(site, "three\nwait third")
    page.see("role=heading[name='Tasks 2']")
    assert place(page, second_stop) == before
    page.click(stop)
    page.see(f"{TASKS} >> text=Stopped")
    page.call("hover", selector="main")
    page.see_gone(f"{TASKS} >> text=Stopped")
    page.see_texts(f"{TASKS} .title", ["three wait third"])
    assert site.services.manager.get(second.task_id, ann(site)).status is TaskStatus.STOPPED


def test_a_task_does_not_grow_while_it_works(page: Page, site: Site) -> None:
    task = start(site, "one\nwait first\nhold tool=mcp__a_server_with_a_long_name__a_tool_with_a_long_name")
    page.see(f"{TASKS} >> text=Working")
    before = place(page, "section.running li")
    (Path(task.workspace) / "first").touch()
    page.see(f"{TASKS} >> text=40%")
    assert place(page, "section.running li") == before
    site.release()


def test_the_drawer_of_a_phone_keeps_still(browser: Browser, page: Page, site: Site) -> None:
    ask(page, "one", "two")
    phone = site.open_chat(browser, **PHONE)
    phone.click("role=button[name=/^Conversations and tasks/]")
    phone.see_texts("nav .title", ["two", "one"])
    ask(page, "three")
    phone.see_texts("nav .title", ["two", "one", "three"])
    phone.check_accessibility("phone-drawer")
    phone.close()


def test_many_conversations_scroll_above_the_tasks(page: Page, site: Site) -> None:
    for number in range(20):
        site.services.chats.create(ann(site).user_id, f"conversation {number}")
    page.call("reload")
    for number in range(4):
        start(site, f"task {number}\nhold")
    page.see("role=heading[name='Tasks 4']")
    page.see(f"{TASKS} >> text=40%")
    assert page.evaluate("document.querySelector('.sidebar').scrollHeight <= innerHeight")
    page.check_accessibility("many-conversations-and-tasks")
    site.release()
