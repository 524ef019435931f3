"""What a client chooses for the task of a message."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from chatserver.accounts.viewer import Viewer
from chatserver.chat.history import Chat, Message
from chatserver.tasks.errors import InvalidTaskError
from chatserver.tasks.records import NewTask
from exporter.model.money import PICODOLLARS

MAX_TEXT = 4096
Text = Annotated[str, Meta(max_length=MAX_TEXT, pattern=r"^[^\u0000]*$")]


class ChatOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of a message; what is left out takes the server's default, and the workspace the chat's."""

    model: Text = ""
    workspace: Text = ""
    permission_mode: Text = ""
    agent: Text = ""
    max_budget_usd: Annotated[float, Meta(ge=0.000001, le=1_000_000)] | None = None


def new_task(message: Message, chat: Chat, options: ChatOptions, viewer: Viewer) -> NewTask:
    """The task of a message. Raises InvalidTaskError for another workspace than the chat's."""
    if chat.workspace and options.workspace not in {"", chat.workspace}:
        raise InvalidTaskError(
            f"A conversation stays in its workspace ({chat.workspace}); start a new one for another workspace."
        )
    budget = options.max_budget_usd
    return NewTask(
        viewer,
        message.text,
        model=options.model,
        workspace=chat.workspace or options.workspace,
        permission_mode=options.permission_mode,
        agent=options.agent,
        chat_id=message.chat_id,
        message_id=message.message_id,
        max_budget_picodollars=None if budget is None else round(Decimal(str(budget)) * PICODOLLARS),
    )
