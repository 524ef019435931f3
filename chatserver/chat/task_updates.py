"""Updates about tasks for sockets: output as it is written, every change, and the answers in chats."""

from __future__ import annotations

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
from chatserver.storage.failure_log import FailureLog
from chatserver.tasks.errors import UnknownTaskError
from chatserver.tasks.manager import TaskManager, TaskOutput
from chatserver.tasks.records import ENDED, OPEN, Task, TaskFilter
from chatserver.tasks.views import listed
from exporter.model.log import logger

log = logger(__name__)
KEPT_CHARACTERS = 200_000
RETRY_SECONDS = 5.0
WORK = "An update about a task could not be sent to the chats"


class Recipients(Protocol):
    """The clients of all users."""

    def send_to_user(self, user_id: str, frame: bytes, *, admins: bool = False) -> None:
        """Send a frame to a user's clients, and on request to those of all admins."""

    def send_new_messages(self, user_id: str) -> None:
        """Send a user's clients the messages that they do not have."""


@dataclass(slots=True)
class PartialAnswer:
    """The output of a running task so far."""

    chat_id: str
    task_id: str
    user_id: str
    text: str = ""
    parts: int = 0
    tool: str | None = None


class TaskUpdates:
    """Sends the changes of tasks on all servers, and the output of tasks on this one."""

    def __init__(self, recipients: Recipients, chats: Chats, manager: TaskManager) -> None:
        self._recipients = recipients
        self._chats = chats
        self._manager = manager
        self._changes: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="chat task updates", daemon=True)
        self._unsubscribe: Sequence[Callable[[], None]] = ()
        self._failures = FailureLog(log)
        self.lock = threading.Lock()  # guards _answers; taken before any lock of the recipients
        self._answers: dict[str, PartialAnswer] = {}

    def start(self) -> None:
        """Subscribe to tasks, and start the thread that sends their changes."""
        self._unsubscribe = (
            self._manager.subscribe(self._changes.put),
            self._manager.subscribe_output(self._send_output),
        )
        self._thread.start()

    def close(self) -> None:
        """Unsubscribe, and wait for the thread to end."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._changes.put(None)
        self._thread.join()

    def partial_answers(self, user_id: str) -> Iterator[bytes]:
        """Yield the frames of the answers that are being written for a user; hold the lock until they are sent."""
        for answer in self._answers.values():
            if answer.user_id == user_id:
                yield _part_frame(answer, answer.text, 0)

    def open_tasks(self, viewer: Viewer) -> Iterator[bytes]:
        """Yield the frames of the viewer's own pending and running tasks."""
        page = self._manager.list(TaskFilter(OPEN, user_id=viewer.user_id), viewer)
        return map(_update_frame, page.tasks)

    def _send_output(self, output: TaskOutput) -> None:
        """Send a part of an answer. A client that joins in between gets the whole answer once."""
        if output.chat_id is None:
            return
        user_id = self._chats.owner(output.chat_id) if output.task_id not in self._answers else None
        with self.lock:
            answer = self._answers.get(output.task_id)
            if answer is None:
                if user_id is None:
                    return  # the chat was deleted, or the task has just ended
                answer = self._answers[output.task_id] = PartialAnswer(output.chat_id, output.task_id, user_id)
            answer.text = (answer.text + output.text)[-KEPT_CHARACTERS:]
            answer.tool = output.tool
            self._recipients.send_to_user(answer.user_id, _part_frame(answer, output.text, answer.parts))
            answer.parts += 1

    def _loop(self) -> None:
        is_behind = not self._attempt(self._add_missing_answers)
        while True:
            try:
                task = self._changes.get(timeout=RETRY_SECONDS if is_behind else None)
            except queue.Empty:
                is_behind = not self._attempt(self._add_missing_answers)
                continue
            if task is None:
                return
            is_behind |= not self._attempt(self._send_change, task)

    def _attempt(self, work: Callable[..., None], *about: Task) -> bool:
        try:
            work(*about)
        except Exception as error:  # the failure of one update must not stop the others
            self._failures.note_failure(WORK, error)
            return False
        self._failures.note_success(WORK)
        return True

    def _add_missing_answers(self) -> None:
        for task_id in self._chats.unanswered_tasks():
            with suppress(UnknownTaskError):
                self._add_answer(self._manager.get(task_id, LOCAL_ADMIN))

    def _send_change(self, task: Task) -> None:
        self._recipients.send_to_user(task.user_id, _update_frame(task), admins=True)
        self._add_answer(task)

    def _add_answer(self, task: Task) -> None:
        if task.status in ENDED:  # also of a chat that was deleted
            with self.lock:
                self._answers.pop(task.task_id, None)  # first, so that no client gets a part after the whole answer
        if answer := answer_of(task):
            with suppress(UnknownChatError):
                self._chats.add_message(answer)
        if task.chat_id is not None:
            self._recipients.send_new_messages(task.user_id)


def _update_frame(task: Task) -> bytes:
    return text_frame(event("task_update", plain(listed(task))))


def _part_frame(answer: PartialAnswer, text: str, index: int) -> bytes:
    part = PartView(session_id=answer.chat_id, task_id=answer.task_id, message=text, index=index, tool=answer.tool)
    return text_frame(event("chat_response", plain(part)))
