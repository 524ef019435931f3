"""What recent sessions lack: hooks, a transcript, or a known cost."""

from __future__ import annotations

from collections.abc import Sequence

from exporter.hooks_reader import HooksReader
from exporter.ledger.reading import read_ledger_or_empty
from exporter.ledger.session_pages import ALL_SESSIONS, SessionFilter
from exporter.model.clock import now_us
from exporter.model.sessions import WINDOW_US
from exporter.prices.table import PriceFileError, PriceTable, load_prices
from exporter.reports.checks.finding import Finding, Verdict, counted
from exporter.reports.session_records import SessionSource
from exporter.settings import Settings
from exporter.views.session_records import SessionRecord

SESSIONS = "sessions"
REMEDY = (
    "Claude Code runs no hooks with --bare and --safe-mode, and writes no transcript with --no-session-persistence:"
    " times are exact with hooks, and costs are known with transcripts"
)


def recent_sessions(settings: Settings) -> list[SessionRecord]:
    """The sessions of the last 24 hours."""
    roots = settings.transcript_roots
    reader = HooksReader(settings.sessions_dirs[0], settings.sessions_dirs[1:], transcript_roots=roots)
    with read_ledger_or_empty(settings.data_dir) as ledger:  # of which there is another check
        source = SessionSource(reader, roots, _prices(settings), ledger)
        return source.records(SessionFilter(since_us=now_us() - WINDOW_US), ALL_SESSIONS)


def check_sessions(sessions: Sequence[SessionRecord]) -> Finding:
    """Find out how many sessions of the last 24 hours lack hooks, a transcript, or a known cost."""
    if not sessions:
        return Finding(Verdict.INFO, SESSIONS, "none in the last 24 hours")
    found = f"{counted(sessions, 'session')} in the last 24 hours"
    lacking = [f"{number} without {name}" for name, number in _lacking(sessions).items() if number]
    if lacking:
        return Finding(Verdict.INFO, SESSIONS, f"{found}: {', '.join(lacking)}", REMEDY)
    return Finding(Verdict.OK, SESSIONS, f"{found}, all with hooks, a transcript and a known cost")


def _lacking(sessions: Sequence[SessionRecord]) -> dict[str, int]:
    return {
        "hooks": sum("hooks" not in session["witnesses"] for session in sessions),
        "a transcript": sum("transcript" not in session["witnesses"] for session in sessions),
        "a known cost": sum(session["cost_usd"] is None for session in sessions),
    }


def _prices(settings: Settings) -> PriceTable:
    """The prices that apply; list prices if the user's file, which has a check of its own, is invalid."""
    try:
        return load_prices(settings.prices_file, settings.managed_settings)
    except PriceFileError:
        return load_prices()
