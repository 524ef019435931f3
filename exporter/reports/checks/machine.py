"""Whether the machine has what recording needs: space, a clock that does not go back, watches, a command to call."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import TZPATH

from exporter.hooks.program import NAME, program
from exporter.reports.checks.finding import Finding, Verdict, counted
from exporter.views.session_records import SessionRecord

LITTLE_SPACE, NO_SPACE = 1_000_000_000, 100_000_000  # bytes
TOLERATED_SKEW = timedelta(minutes=1)
WATCH_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
UTC_NAMES = ("UTC", "GMT")  # which need no file either
SHARE_OF_WATCHES = 0.8  # other programs of the user need some, too


def check_clock(sessions: Sequence[SessionRecord]) -> Iterator[Finding]:
    """Find sessions whose lines are ahead of the clock."""
    now = datetime.now(UTC)
    ahead = [one for one in sessions if datetime.fromisoformat(one["last_activity_at"]) > now + TOLERATED_SKEW]
    if ahead:
        latest = max(datetime.fromisoformat(one["last_activity_at"]) for one in ahead)
        minutes = round((latest - now).total_seconds() / 60)
        message = f"{counted(ahead, 'session')} with lines of the future, by up to {minutes} min"
        remedy = "Set the clock of this machine, or of the one that wrote them: timedatectl set-ntp true"
        yield Finding(Verdict.ERROR, "clock", message, remedy)


def check_time_zone() -> Iterator[Finding]:
    """Find out whether the system knows the time zone TZ; days and months silently begin at midnight UTC otherwise."""
    zone = os.environ.get("TZ", "").removeprefix(":")
    has_rules = any(character.isdigit() for character in zone)  # as in CET-1CEST, which needs no file
    if zone and not has_rules and zone not in UTC_NAMES and not any(Path(path, zone).is_file() for path in TZPATH):
        message = f"the time zone {zone} (TZ) is unknown: days and months begin at midnight UTC"
        yield Finding(Verdict.ERROR, "clock", message, "Set TZ to a name such as Europe/Berlin, and install tzdata")


def check_disks(directories: Sequence[str]) -> Iterator[Finding]:
    """Find file systems of directories that are full, or nearly."""
    existing = {_existing(Path(directory)) for directory in directories}
    for path in {path.stat().st_dev: path for path in sorted(existing)}.values():
        free = shutil.disk_usage(path).free
        if free < LITTLE_SPACE:
            verdict = Verdict.ERROR if free < NO_SPACE else Verdict.INFO
            message = f"{free // 1_000_000:,} MB are free for {path}; what hooks cannot write is lost"
            yield Finding(verdict, "disk", message, f"Free some space: du -xsh {path}/*")


def check_watches(roots: Sequence[str]) -> Iterator[Finding]:
    """Find out whether the system allows to watch all directories; those beyond its limit are read less often."""
    try:
        limit = int(WATCH_LIMIT.read_text())
    except (OSError, ValueError):  # of Linux alone
        return
    needed = sum(1 for root in roots for _ in os.walk(root))
    if needed > limit * SHARE_OF_WATCHES:
        message = f"{needed:,} directories are to be watched, of the {limit:,} that the system allows"
        yield Finding(Verdict.INFO, "watches", message, f"Run: sudo sysctl fs.inotify.max_user_watches={4 * needed}")


def check_path() -> Iterator[Finding]:
    """Find out whether the commands of remedies work as they are printed."""
    if (command := program()) != NAME:
        message = f"{NAME} is not on the PATH of every terminal; here it is {command}"
        yield Finding(Verdict.INFO, "path", message, f"Write that instead of {NAME}, or add its directory to the PATH")


def _existing(path: Path) -> Path:
    """The directory, or the nearest one above it that exists."""
    return next(each for each in (path.absolute(), *path.absolute().parents) if each.exists())
