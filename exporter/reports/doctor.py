"""`hookmeter doctor`: everything that can keep the numbers from being complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from exporter.hooks.precedence import ClaudeSettings
from exporter.prices.managed_settings import DEFAULT_FILE, managed_files
from exporter.reports.checks.exporter import check_exporter, exporter_elsewhere
from exporter.reports.checks.finding import Finding, Verdict
from exporter.reports.checks.hook_policy import check_kept_days
from exporter.reports.checks.hooks import HookSettings, check_hooks, check_status_line
from exporter.reports.checks.ledger import check_ledger, check_place
from exporter.reports.checks.logs import check_log_size, check_logs, check_transcripts
from exporter.reports.checks.machine import check_clock, check_disks, check_path, check_time_zone, check_watches
from exporter.reports.checks.prices import check_prices
from exporter.reports.checks.sessions import check_sessions, recent_sessions
from exporter.reports.checks.versions import check_versions
from exporter.settings import Settings
from exporter.sources.files import absolute


def examine(
    settings_files: tuple[Path, ...], settings: Settings, *, is_elsewhere: bool, data_dir_is_chosen: bool
) -> Iterator[Finding]:
    """Run every check: in the order in which a call's record travels, from hooks to the exporter.

    Ledger and exporter are out of reach if the exporter is elsewhere, as in a container of its own.
    """
    managed = managed_files(settings.managed_settings or DEFAULT_FILE)
    existing_managed = tuple(path for path in managed if path.exists())
    hooks, policy = HookSettings.read(settings_files + existing_managed), ClaudeSettings.read(settings_files, managed)
    roots = absolute(settings.sessions_dirs)
    transcripts = check_transcripts(settings.transcript_roots)
    has_transcripts = transcripts.verdict is Verdict.OK
    of_hooks = [*check_hooks(hooks, policy, roots, has_transcripts=has_transcripts)]
    yield from of_hooks
    yield check_status_line(hooks)
    are_recorded = all(finding.verdict is Verdict.OK for finding in of_hooks)
    yield check_logs(roots, may_be_none=has_transcripts or are_recorded)
    yield from check_log_size(roots, settings.keep_logs_seconds)
    yield transcripts
    yield from check_kept_days(policy)
    yield from _examine_sessions(settings)
    yield from check_time_zone()
    yield from check_prices(settings.prices_file, settings.managed_settings, settings.data_dir)
    yield from check_path()
    yield from check_disks(roots if is_elsewhere else [*roots, str(settings.data_dir)])
    if is_elsewhere:
        yield exporter_elsewhere()
    else:
        yield from _examine_exporter(roots, settings, data_dir_is_chosen=data_dir_is_chosen)


def _examine_sessions(settings: Settings) -> Iterator[Finding]:
    sessions = recent_sessions(settings)
    yield check_sessions(sessions)
    yield from check_versions(sessions)
    yield from check_clock(sessions)


def _examine_exporter(roots: Sequence[str], settings: Settings, *, data_dir_is_chosen: bool) -> Iterator[Finding]:
    yield from check_watches([*roots, *settings.transcript_roots])
    yield check_ledger(settings.data_dir)
    if not data_dir_is_chosen:
        yield from check_place(settings.data_dir)
    yield check_exporter(settings.listen)
