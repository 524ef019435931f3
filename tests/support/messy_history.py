"""Forty days of sessions of two accounts in which everything happens that makes sums differ, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.model.clock import from_us
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, SECOND_US, append, background, call, event, iso
from tests.support.synthetic_transcripts import line, transcript, transcript_call, transcript_prompt
from tests.support.transcript_lines import api_error_line, compaction_line, cost_state_line, search_line, usage

DAYS = 40
DAY_US = 24 * HOUR_US
MODELS = ("claude-haiku-4-5", "claude-unknown-9", "claude-opus-4-6", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
WITNESSES = ("transcript", "both", "hooks")


def session_id(number: int) -> str:
    """The id of the session with this number."""
    return f"{number:08x}-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class MessyHistory:
    """The directories of hook logs and of the transcripts of two accounts, and the time of the newest line."""

    logs: Path
    roots: tuple[Path, Path]
    now_us: int

    def write(self, first_day: int = DAYS, last_day: int = 0) -> None:
        """Write the sessions that began between some numbers of days ago, both included."""
        for day in range(first_day, last_day - 1, -1):
            self._write_day(day, self.now_us - day * DAY_US - 30 * MINUTE_US)

    def _write_day(self, day: int, at_us: int) -> None:
        root, witness, session = self.roots[day % 2], WITNESSES[day % 3], session_id(day)
        if witness != "transcript":
            self._hooks(session, at_us)
        if witness != "hooks":
            self._transcript(root, session, day, at_us)
        if day % 5 == 0:
            self._resume(self.roots[0], session_id(0xA00), day, at_us)
        if day % 7 == 0:
            self._forked(root, day, at_us)
        if day % 10 == 0:
            self._searched(root, at_us, day)

    def _hooks(self, session: str, at_us: int) -> None:
        event(self.logs, session, "UserPromptSubmit", at_us, project_dir="/home/dev/shop")
        call(self.logs, session, at_us + SECOND_US, error="Exit code 1")
        denied: dict[str, Any] = {
            "tool_name": "Bash",
            "tool_input": {"command": "rm"},
            "tool_use_id": f"toolu_d{session}",
        }
        event(self.logs, session, "PreToolUse", at_us + 2 * SECOND_US, **denied)
        event(self.logs, session, "PermissionDenied", at_us + 3 * SECOND_US, **denied, reason="no")
        call(self.logs, session, at_us + 4 * SECOND_US, took_ms=None)
        background(self.logs, session, at_us + 5 * SECOND_US)
        event(self.logs, session, "SessionEnd", at_us + 10 * SECOND_US)

    def _transcript(self, root: Path, session: str, day: int, at_us: int) -> None:
        transcript_prompt(root, session, at_us)
        itemized = {}
        for number, model in enumerate(MODELS[day % 2 : 2 + day % 3]):
            used = usage(1_000 + day, 77 + number, read=3_000 + day, five=100 + number, hour=day)
            itemized[model] = used
            self._say(root, session, f"{day}-{number}", model, used, at_us + (number + 1) * SECOND_US)
        self._say(root, session, f"{day}-a", MODELS[day % 4], usage(50 + day, 9), at_us + 8 * SECOND_US, agent_id="x1")
        interrupted = "[Request interrupted by user for tool use]"
        transcript_call(root, session, at_us + 12 * SECOND_US, error=interrupted if day % 4 else "", agent_id="x1")
        times: dict[str, Any] = {"sessionId": session, "timestamp": iso(at_us + 15 * SECOND_US)}
        lines = [compaction_line(**times), api_error_line(day, **times)]
        if day % 3 == 0:
            lines.append(search_line(day, 1 + day % 4, **times))
        if day % 2 == 0:
            beyond = {
                model: {**used, **({"output_tokens": 500, "input_tokens": 9_000} if day % 4 else {}), "web_searches": 2}
                for model, used in itemized.items()
            }
            started = from_us(at_us - SECOND_US)
            lines.append(cost_state_line(60_000, beyond, session=session, started=started))
        append(transcript(root, session), *(text.rstrip("\n") for text in lines))

    def _resume(self, root: Path, session: str, day: int, at_us: int) -> None:
        self._say(root, session, f"resumed-{day}", MODELS[day // 5 % 4], usage(10 + day, 7), at_us)

    def _forked(self, root: Path, day: int, at_us: int) -> None:
        parent, fork = session_id(0xB00 + day), session_id(0xC00 + day)
        for number, model in enumerate(MODELS):
            at, used = at_us + number * SECOND_US, usage(300 + day, 40 + number)
            self._say(root, parent, f"p{day}-{number}", model, used, at)
            copied: dict[str, Any] = {
                "sessionId": fork,
                "forkedFrom": {"sessionId": parent, "messageUuid": f"u{number}"},
            }
            self._say(root, fork, f"p{day}-{number}", model, used, at, **copied)
        self._say(root, fork, f"f{day}", MODELS[day % 4], usage(20, 30), at_us + MINUTE_US)

    def _searched(self, root: Path, at_us: int, day: int) -> None:
        """Write sessions that were killed after searches: of a model without a price, and of an unknown one."""
        self._say(root, session_id(0xD00 + day), f"s{day}", MODELS[1], usage(11, 12), at_us)
        for session in (session_id(0xD00 + day), session_id(0xE00 + day)):
            result = search_line(day, 3, sessionId=session, timestamp=iso(at_us + SECOND_US), uuid=f"search-{session}")
            append(transcript(root, session), result.rstrip("\n"))

    def _say(
        self, root: Path, session: str, number: str, model: str, used: dict[str, object], at_us: int, *,
        agent_id: str = "", **fields: Any,
    ) -> None:  # fmt: skip
        message = {"id": f"msg_{number}", "model": model, "usage": used, "content": []}
        line(root, session, at_us, "assistant", message, agent_id, requestId=f"req_{number}", **fields)
