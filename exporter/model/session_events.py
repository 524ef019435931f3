"""What happens in a session besides its calls, with texts: for the timeline of one session, and its export."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from exporter.model.keys import key_of
from exporter.model.records import MAIN_AGENT, Witness


class EventKind(StrEnum):
    """The kinds of events on a timeline."""

    PROMPT = "prompt"
    ANSWER = "answer"
    PERMISSION = "permission"
    COMPACTION = "compaction"
    API_ERROR = "api_error"
    FALLBACK = "fallback"


class SessionEvent(msgspec.Struct, frozen=True, gc=False):
    """An event of a session.

    `text` is not redacted. `detail` is one word on it: who submitted a prompt, what triggered a compaction or a
    fallback, what followed an API error, how the call ended that waited for permission. `request` is the key of the API
    message that an answer is, which has no text if it only thinks or calls tools. `until_us` is the end of a wait for
    permission; None if it is unknown. `key` is the same in all copies of the line, 0 if nothing identifies it.
    """

    kind: EventKind
    time_us: int
    session: str
    agent_id: str = ""
    agent: str = MAIN_AGENT
    text: str = ""
    detail: str = ""
    tool: str = ""
    input: bytes = b""
    request: int = 0
    until_us: int | None = None
    key: int = 0
    witness: Witness = Witness.TRANSCRIPT

    @property
    def id(self) -> str:
        """What names the event among all of its session."""
        name = self.kind, self.request or self.key or self.time_us, self.agent_id, self.witness
        return f"{key_of(repr(name).encode()):016x}"
