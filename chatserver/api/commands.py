"""Slash commands over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from flask import Blueprint
from msgspec import Meta

from chatserver.api.invalid_requests import WITHOUT_NUL
from chatserver.api.operations import Operation, Request, endpoint
from chatserver.middleware.gate import current_viewer
from chatserver.services import services

commands = Blueprint("commands", __name__, url_prefix="/api")


class CommandRequest(Request, frozen=True):
    """A command as it is typed in the chat; `/help` lists all."""

    command: Annotated[str, Meta(min_length=1, max_length=101_000, pattern=WITHOUT_NUL, examples=["/tasks:status"])]


class CommandReply(msgspec.Struct, frozen=True):
    """The reply to a command; where it failed, the message says why."""

    success: bool
    message: str
    data: dict[str, Any] | None


@commands.post("/commands")
@endpoint(Operation("Execute a command", CommandReply, body=CommandRequest))
def execute(body: CommandRequest) -> CommandReply:
    """The command's reply."""
    return CommandReply(**services().commands.handle(body.command, current_viewer()))
