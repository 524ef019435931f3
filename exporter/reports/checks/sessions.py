"""What recent sessions lack: hooks, a transcript, or a known cost."""

from __future__ import annotations

from exporter.hooks_reader import HooksReader
from exporter.prices.table import PriceFileError, PriceTable, load_prices
from exporter.reports.checks.finding import Finding, Verdict, counted
from exporter.reports.session_costs import with_costs
from exporter.settings import Settings
from exporter.views.sessions import PricedSession

SESSIONS = "sessions"
REMEDY = (
    "Claude Code runs no hooks with --bare and --safe-mode, and writes no transcript with --no-session-persistence:"
    " times are exact with hooks, and costs are known with transcripts"
)


def check_sessions(settings: Settings) -> Finding:
    """Find out how many sessions of the last 24 hours lack hooks, a transcript, or a known cost."""
    roots = settings.transcript_roots
    reader = HooksReader(settings.sessions_dirs[0], settings.sessions_dirs[1:], transcript_roots=roots)
    sessions = with_costs(reader.get_all_sessions(), roots, _prices(settings))
    if not sessions:
        return Finding(Verdict.INFO, SESSIONS, "none in the last 24 hours")
    found = f"{counted(sessions, 'session')} in the last 24 hours"
    lacking = [f"{number} without {name}" for name, number in _lacking(sessions).items() if number]
    if lacking:
        return Finding(Verdict.INFO, SESSIONS, f"{found}: {', '.join(lacking)}", REMEDY)
    return Finding(Verdict.OK, SESSIONS, f"{found}, all with hooks, a transcript and a known cost")


def _lacking(sessions: list[PricedSession]) -> dict[str, int]:
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
