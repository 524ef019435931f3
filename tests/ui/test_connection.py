"""Messages are neither lost nor duplicated when the connection is."""

from __future__ import annotations

from sqlalchemy import delete

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.chat.history import NewMessage, Role
from chatserver.storage.database import open_database
from chatserver.storage.schema import tasks
from chatserver.tasks.records import NewTask, TaskFilter, TaskStatus
from tests.e2e.processes import wait_for
from tests.ui.browser import Page
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER

OFFLINE = "text=Reconnecting…"


def conversation(page: Page) -> list[str]:
    return page.texts(".message :is(.plain-text, .prose)")


def test_messages_sent_while_offline_are_delivered_once_on_reconnect(page: Page, site: Site) -> None:
    send(page, "first")
    page.see(ANSWER)
    chat = str(page.evaluate("location.hash.split('=')[1]"))
    site.stop()
    page.see(OFFLINE)
    page.check_accessibility("offline")
    send(page, "second")
    send(page, "third")
    page.see("text=Sending…")
    site.start()
    site.services.chats.add_message(NewMessage(chat, Role.ASSISTANT, "Missed.", "missed"))
    page.see_gone(OFFLINE)
    page.see("text=You said: third")
    page.see_gone("text=Sending…")
    said = ["Missed.", "You said: first", "You said: second", "You said: third", "first", "second", "third"]
    wait_for(lambda: sorted(conversation(page)) == said, "the whole conversation")
    page.see_gone(".working")  # an answer takes its place when it is complete
    shown = conversation(page)
    page.call("reload")
    wait_for(lambda: conversation(page) == shown, "the same conversation in the same order")


def test_a_conversation_can_be_started_while_offline(page: Page, site: Site) -> None:
    site.stop()
    page.see(OFFLINE)
    send(page, "first")
    send(page, "second")
    site.start()
    said = ["You said: first", "You said: second", "first", "second"]
    wait_for(lambda: sorted(conversation(page)) == said, "the whole conversation")
    page.see_texts("nav .title", ["first"])


def test_a_task_that_ended_with_its_server_shows_one_error(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.see(".working >> text=You said")
    site.stop()
    page.see(OFFLINE)
    site.start()
    page.see_gone(OFFLINE)
    page.see(".message.error")
    page.see_gone(".working")
    page.see_texts(".message h2", ["You", "Error"])
    send(page, "hello")
    page.see("text=You said: hello")


def test_a_task_that_was_deleted_meanwhile_is_shown_no_more(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.see(".working >> text=You said")
    site.stop()
    page.see(OFFLINE)
    with open_database(site.settings.database_url) as database:
        database.run(lambda connection: connection.execute(delete(tasks)))
    site.start()
    page.see_gone(OFFLINE)
    page.see_gone(".working")
    page.see_gone("section.running")


def test_a_pending_task_that_is_deleted_is_shown_as_stopped(page: Page, site: Site) -> None:
    for number in range(site.settings.tasks.slots):
        site.services.manager.create(NewTask(site.services.users.list()[0].viewer, f"hold {number}"))
    send(page, "another one")
    page.see(".working >> text=Pending")
    (pending,) = site.services.manager.list(TaskFilter((TaskStatus.PENDING,)), LOCAL_ADMIN).tasks
    site.services.manager.delete(pending.task_id, LOCAL_ADMIN)
    page.see("text=The task was stopped.")
    page.see_gone(".working")
    site.release()


def test_a_streaming_answer_continues_after_a_reload(page: Page, site: Site) -> None:
    send(page, "hold until released")
    page.see(".working >> text=You said: hold until released")
    page.call("reload")
    page.see(".working >> text=You said: hold until released")
    site.release()
    page.see(ANSWER)
    assert conversation(page) == ["hold until released", "You said: hold until released"]
