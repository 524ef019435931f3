"""`hookmeter doctor`: everything that can keep the numbers from being complete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exporter.reports.checks.exporter import check_exporter, exporter_elsewhere
from exporter.reports.checks.finding import Finding, Verdict
from exporter.reports.checks.hooks import HookSettings, check_hooks, check_status_line
from exporter.reports.checks.ledger import check_ledger, check_place
from exporter.reports.checks.logs import check_logs, check_transcripts
from exporter.reports.checks.prices import check_prices
from exporter.reports.checks.sessions import check_sessions
from exporter.settings import Settings
from exporter.sources.files import absolute


def examine(settings_files: tuple[Path, ...], settings: Settings, *, is_elsewhere: bool) -> Iterator[Finding]:
    """Run every check, in the order in which a call's record travels: hooks, logs, transcripts, ledger, exporter.

    The last two are out of reach if the exporter is elsewhere, as in a container of its own.
    """
    hooks, roots = HookSettings.read(settings_files), absolute(settings.sessions_dirs)
    transcripts = check_transcripts(settings.transcript_roots)
    has_transcripts = transcripts.verdict is Verdict.OK
    yield from check_hooks(hooks, roots, has_transcripts=has_transcripts)
    yield check_status_line(hooks)
    yield check_logs(roots, has_transcripts=has_transcripts)
    yield transcripts
    yield check_sessions(settings)
    yield from check_prices(settings.prices_file, settings.managed_settings, settings.data_dir)
    if is_elsewhere:
        yield exporter_elsewhere()
    else:
        yield check_ledger(settings.data_dir)
        yield from check_place(settings.data_dir)
        yield check_exporter(settings.listen)
