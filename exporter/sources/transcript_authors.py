"""Who wrote the lines of a transcript: which agent, in a session of which project."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from exporter.model.records import MAIN_AGENT, UNNAMED_AGENT, Project
from exporter.model.regular_files import read_bounded
from exporter.model.sessions import TranscriptSession
from exporter.sources.files import LogFile
from exporter.sources.transcript_files import SUFFIX, session_name
from exporter.sources.transcript_lines import Block, TranscriptLine, blocks, decoded_text

MAX_VERSION_CHARACTERS = 64
AGENT_PREFIX = "agent-"
AGENT_ID = re.compile(r"[\w-]+")  # others might lead out of the directory


class _Meta(msgspec.Struct, gc=False):
    """The metadata file that Claude Code writes next to a sub-agent's transcript."""

    agentType: str = ""
    isFork: Any = False


SessionOf = Callable[[str], TranscriptSession]
META_DECODER = msgspec.json.Decoder(_Meta)
UNKNOWN_AGENT = _Meta()
FORK_START = "<fork-boilerplate"  # of the text with which a fork gets its task


class Author(NamedTuple):
    """Who wrote a line of a transcript: an agent in a session; `agent_id` is empty for the main agent."""

    session_id: str
    agent_id: str
    agent: str
    project: Project


class TranscriptFile:
    """What is known about the lines of a transcript before they are read.

    `directory` is that of its project, `session_of` finds the sessions of lines by their ids. `started_us` is the first
    time in the file, 0 if unknown.
    """

    def __init__(self, log: LogFile, directory: str, session_of: SessionOf, started_us: int = 0) -> None:
        self.written_us = log.written_us
        self.session_of = session_of
        self._started_us = started_us
        self.log = log
        self.directory = directory
        self._types: dict[str, str] = {}
        self._authors: dict[Any, Author] = {}

    @cached_property
    def session(self) -> str:
        """The session that the file belongs to."""
        return session_name(self.log, self.directory)

    @cached_property
    def agent_type(self) -> str:
        """The type of the sub-agent that wrote the transcript; empty if unknown."""
        return self._meta.agentType

    @cached_property
    def _meta(self) -> _Meta:
        return _read_meta(self.log.path) if self.log.name.startswith(AGENT_PREFIX) else UNKNOWN_AGENT

    def is_inherited(self, line: TranscriptLine) -> bool:
        """Whether the transcript of a fork of the main agent has it from there: what launched it, and its results.

        Messages of the fork itself name it.
        """
        if self._meta.isFork is not True or line.message is None:
            return False
        if line.type == "assistant":
            return bool(line.requestId) and not line.attributionAgent and line.isApiErrorMessage is not True
        return any(_begins_fork(block) for block in blocks(line.message.content))

    def author(self, line: TranscriptLine) -> Author:
        """The author of a line, which may name the agent itself."""
        version = line.version[:MAX_VERSION_CHARACTERS] if isinstance(line.version, str) else ""
        key = (
            line.sessionId,
            line.agentId,
            line.attributionAgent,
            line.isSidechain,
            self._is_of_main_agent(line),
            version,
        )
        return self._authors.get(key) or self._authors.setdefault(key, self._author(line))

    @property
    def versions(self) -> set[tuple[str, str]]:
        """The sessions of the lines so far, each with the versions of Claude Code that wrote them."""
        return {(author.session_id, key[-1]) for key, author in self._authors.items() if key[-1]}

    def _author(self, line: TranscriptLine) -> Author:
        session_id, agent_id = line.sessionId or self.session, line.agentId or ""
        path = self.session_of(session_id).project
        return Author(session_id, agent_id, self._agent(line), Project(path, is_certain=bool(path)))

    def _agent(self, line: TranscriptLine) -> str:
        if self._is_of_main_agent(line):
            return MAIN_AGENT
        if line.attributionAgent or not (line.isSidechain or line.agentId):
            return line.attributionAgent or MAIN_AGENT
        return self.agent_type or self._type_of(line.agentId or "") or UNNAMED_AGENT

    def _is_of_main_agent(self, line: TranscriptLine) -> bool:
        """Whether a fork has copied the message from the main agent."""
        return line.type == "assistant" and self.is_inherited(line)

    def _type_of(self, agent_id: str) -> str:
        """The type of a sub-agent whose line is in the main transcript; empty if unknown."""
        if agent_id not in self._types:
            own = f"{self.log.path.removesuffix(SUFFIX)}{os.sep}subagents{os.sep}{AGENT_PREFIX}{agent_id}{SUFFIX}"
            self._types[agent_id] = _read_meta(own).agentType if AGENT_ID.fullmatch(agent_id) else ""
        return self._types[agent_id]

    def is_older(self, time_us: int | None) -> bool:
        """Whether a line is older than the file: it was copied there when a session was forked."""
        return time_us is not None and time_us < self._started_us


def _begins_fork(block: Block) -> bool:
    return block.type == "text" and (decoded_text(block.text) or "").startswith(FORK_START)


def _read_meta(transcript: str) -> _Meta:
    """The metadata file next to the transcript of a sub-agent; without any fields if it cannot be read."""
    try:
        return META_DECODER.decode(read_bounded(f"{transcript.removesuffix(SUFFIX)}.meta.json"))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return UNKNOWN_AGENT
