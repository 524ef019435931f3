"""What becomes of tasks, told to those whose they are: as it is written, at every change, and as an answer."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.chat.events import answer_of
from chatserver.chat.frames import text_frame
from chatserver.chat.history import Chats, UnknownChatError
from chatserver.chat.packets import event
from chatserver.chat.views import PartView, plain
from chatserver.tasks.errors import UnknownTaskError
from chatserver.tasks.manager import TaskManager, TaskOutput
from chatserver.tasks.records import OPEN, Task, TaskFilter
from chatserver.tasks.views import listed

log = logging.getLogger(__name__)
KEPT_CHARACTERS = 200_000
RETRY_SECONDS = 5.0


class Recipients(Protocol):
    """Whoever is told."""

    def tell(self, user_id: str, frame: bytes, *, admins: bool = False) -> None:
        """Send a frame to a user's clients, and to those of the admins."""

    def nudge(self, user_id: str) -> None:
        """Have a user's clients told what is new."""


@dataclass(slots=True)
class PartialAnswer:
    """What a running task has written so far."""

    chat_id: str
    task_id: str
    user_id: str
    text: str = ""
    parts: int = 0
    tool: str | None = None


class TaskUpdates:
    """Follows the tasks of all servers; what is written, of those of this one."""

    def __init__(self, audience: Recipients, chats: Chats, manager: TaskManager) -> None:
        self._audience = audience
        self._chats = chats
        self._manager = manager
        self._changes: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._follower = threading.Thread(target=self._follow, name="chat news", daemon=True)
        self._unsubscribe: Sequence[Callable[[], None]] = ()
        self.lock = threading.Lock()  # taken before any lock of the audience
        self._writings: dict[str, PartialAnswer] = {}

    def start(self) -> None:
        """Follow the tasks."""
        self._unsubscribe = (
            self._manager.subscribe(self._changes.put),
            self._manager.subscribe_output(self._write),
        )
        self._follower.start()

    def close(self) -> None:
        """Follow them no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._changes.put(None)
        self._follower.join()

    def parts_of(self, user_id: str) -> Iterator[bytes]:
        """What the user's tasks have written so far; hold the lock until it is sent."""
        for writing in self._writings.values():
            if writing.user_id == user_id:
                yield _part(writing, writing.text, 0)

    def open_tasks(self, viewer: Viewer) -> Iterator[bytes]:
        """How the viewer's own tasks stand that wait or run."""
        page = self._manager.list(TaskFilter(OPEN, user_id=viewer.user_id), viewer)
        return map(_update, page.tasks)

    def _write(self, output: TaskOutput) -> None:
        """Tell a part of an answer; whoever joins meanwhile gets all of it, once."""
        if output.chat_id is None:
            return
        user_id = self._chats.owner(output.chat_id) if output.task_id not in self._writings else None
        with self.lock:
            writing = self._writings.get(output.task_id)
            if writing is None:
                if user_id is None:
                    return  # the chat was deleted, or the task has just ended
                writing = self._writings[output.task_id] = PartialAnswer(output.chat_id, output.task_id, user_id)
            writing.text = (writing.text + output.text)[-KEPT_CHARACTERS:]
            writing.tool = output.tool
            self._audience.tell(writing.user_id, _part(writing, output.text, writing.parts))
            writing.parts += 1

    def _follow(self) -> None:
        is_behind = not self._attempt(self._answer_missing)
        while True:
            try:
                task = self._changes.get(timeout=RETRY_SECONDS if is_behind else None)
            except queue.Empty:
                is_behind = not self._attempt(self._answer_missing)
                continue
            if task is None:
                return
            is_behind |= not self._attempt(self._tell, task)

    def _attempt(self, work: Callable[..., None], *about: Task) -> bool:
        try:
            work(*about)
        except Exception:  # one task's failure must not silence the others
            log.exception("The chats could not be told what became of a task; they will be told later.")
            return False
        return True

    def _answer_missing(self) -> None:
        for task_id in self._chats.unanswered():
            with suppress(UnknownTaskError):
                self._answer(self._manager.get(task_id, LOCAL_ADMIN))

    def _tell(self, task: Task) -> None:
        self._audience.tell(task.user_id, _update(task), admins=True)
        self._answer(task)

    def _answer(self, task: Task) -> None:
        if answer := answer_of(task):
            with self.lock:
                self._writings.pop(task.task_id, None)  # first, so that nobody gets a part after the whole
            with suppress(UnknownChatError):
                self._chats.add(answer)
        if task.chat_id is not None:
            self._audience.nudge(task.user_id)


def _update(task: Task) -> bytes:
    return text_frame(event("task_update", plain(listed(task))))


def _part(writing: PartialAnswer, text: str, index: int) -> bytes:
    part = PartView(session_id=writing.chat_id, task_id=writing.task_id, message=text, index=index, tool=writing.tool)
    return text_frame(event("chat_response", plain(part)))
