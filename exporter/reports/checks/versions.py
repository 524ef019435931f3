"""Whether the versions of Claude Code report all that numbers need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exporter.model.claude_versions import TESTED, inexact_numbers, newest
from exporter.model.text import listed, printable
from exporter.reports.checks.finding import Finding, Verdict
from exporter.views.session_records import SessionRecord

SUBJECT = "versions"


def check_versions(sessions: Sequence[SessionRecord]) -> Iterator[Finding]:
    """Find out which numbers of recent sessions are not exact because Claude Code is too old; nothing without them."""
    versions = {version for session in sessions for version in session["versions"]}
    if not versions:
        return
    old = {version: numbers for version in sorted(versions) if (numbers := inexact_numbers(version))}
    for version, numbers in old.items():
        message = f"Claude Code {printable(version)} does not report what makes these exact: {listed(numbers)}"
        yield Finding(Verdict.INFO, SUBJECT, message, "Run: claude update")
    if not old:
        message = f"Claude Code {printable(newest(versions))}; numbers are tested with {TESTED}"
        yield Finding(Verdict.OK, SUBJECT, message)
