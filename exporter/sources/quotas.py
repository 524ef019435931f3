"""The usage of the five-hour and seven-day rate limit windows, as Claude Code reports it to status lines and tasks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec

from exporter.model.bounds import MAX_AHEAD_US
from exporter.model.file_stamp import FileStamp, file_stamp
from exporter.model.log import logger
from exporter.model.regular_files import read_bounded

log = logger(__name__)
FILE_NAME = "rate_limits.json"  # hooks/hookmeter_statusline.py writes it, for status lines and for tasks
WINDOWS = ("five_hour", "seven_day")


@dataclass(frozen=True, slots=True)
class Quota:
    """The used share of a window, the time at which it resets, and the time of the report."""

    used_ratio: float
    resets_us: int
    seen_us: int

    def is_current(self, now_us: int) -> bool:
        """Whether the window has not reset, and the report is not of the future."""
        return self.resets_us > now_us >= self.seen_us - MAX_AHEAD_US


class Quotas:
    """The newest report of each window in several directories; `changes` grows whenever one may have changed."""

    def __init__(self, directories: Iterable[str]) -> None:
        self._paths = [os.path.join(directory, FILE_NAME) for directory in directories]  # noqa: PTH118 - one stat of a str per refresh
        self._known: dict[str, tuple[FileStamp, dict[str, Quota]]] = {}
        self.changes = 0

    def refresh(self) -> None:
        """Read the files that have changed. A damaged one counts as empty and is logged once."""
        for path in self._paths:
            stamp = file_stamp(path)
            known = self._known.get(path)
            if stamp is None:
                self.changes += self._known.pop(path, None) is not None
            elif known is None or known[0] != stamp:
                self._known[path] = stamp, _read(path)
                self.changes += 1

    def current(self, now_us: int) -> dict[str, Quota]:
        """The valid quotas by window; a window that has reset is unknown until Claude Code reports it again."""
        newest: dict[str, Quota] = {}
        for _, quotas in self._known.values():
            for window, quota in quotas.items():
                if quota.is_current(now_us) and (window not in newest or quota.seen_us > newest[window].seen_us):
                    newest[window] = quota
        return newest


Number = Annotated[float, msgspec.Meta(ge=0, lt=1e12)]


class _Window(msgspec.Struct, frozen=True):
    used_percentage: Number
    resets_at: Number
    seen_at: Number


class _File(msgspec.Struct, frozen=True):
    windows: dict[str, msgspec.Raw]


UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _read(path: str) -> dict[str, Quota]:
    try:
        windows = msgspec.json.decode(read_bounded(path), type=_File).windows
    except (OSError, *UNDECODABLE) as error:
        log.warning("%s has no readable quotas (%s); the next report replaces it.", path, error)
        return {}
    quotas = {name: _quota(path, name, windows[name]) for name in WINDOWS if name in windows}
    return {name: quota for name, quota in quotas.items() if quota}


def _quota(path: str, name: str, text: msgspec.Raw) -> Quota | None:
    """The quota of a window; None if it is damaged, which costs only itself."""
    try:
        window = msgspec.json.decode(text, type=_Window)
    except UNDECODABLE as error:
        log.warning("%s has no readable quota %s (%s); the next report replaces it.", path, name, error)
        return None
    return Quota(window.used_percentage / 100, round(window.resets_at * 1e6), round(window.seen_at * 1e6))
