"""What a check reports."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Verdict(Enum):
    """How severe a finding is: INFO means that the numbers are correct all the same."""

    OK = "ok"
    INFO = "info"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check, and how to fix what is wrong."""

    verdict: Verdict
    subject: str
    message: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """The finding as a JSON object."""
        return {
            "verdict": self.verdict.value, "subject": self.subject, "message": self.message, "remedy": self.remedy,
        }  # fmt: skip


def counted(things: Collection[object], noun: str) -> str:
    """A number with its noun: "1 session", "2 sessions"."""
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"


def may_access(path: str | Path, mode: int) -> bool:
    """Whether the effective user has the `os.access` mode on a path."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
