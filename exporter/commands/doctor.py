"""`hookmeter doctor`: whether the numbers are complete, and why not."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from click.core import ParameterSource

from exporter.commands.address_types import Listen
from exporter.commands.options import settings_options
from exporter.commands.settings_file import claude_settings
from exporter.commands.value_types import Switch
from exporter.reports.checks.agent import check_agent
from exporter.reports.checks.finding import Verdict
from exporter.reports.doctor import examine
from exporter.settings import Settings
from exporter.terminal.check_table import check_table
from exporter.terminal.messages import say_json
from exporter.terminal.tables import show
from exporter.web.listen_address import ListenAddress


@click.command()
@click.option(
    "--exporter-elsewhere",
    "is_elsewhere",
    is_flag=True,
    type=Switch(),
    envvar="HOOKMETER_EXPORTER_ELSEWHERE",
    show_envvar=True,
    help="The exporter and its ledger are in another container, or on another machine: check neither.",
)
@click.option(
    "--agent",
    type=Listen(),
    envvar="HOOKMETER_AGENT",
    show_envvar=True,
    help="In a fleet, the address of the Prometheus agent of this host, to check it, too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@settings_options
def doctor(settings: Settings, agent: ListenAddress | None, *, is_elsewhere: bool, as_json: bool) -> None:
    """Check hooks, logs, transcripts, ledger and exporter, and show how to fix what is wrong.

    It takes the exporter's options. The exit code is 1 if there is an error; a line with "info" is none.
    """
    files = (claude_settings(user=True), Path(".claude/settings.json"), Path(".claude/settings.local.json"))
    different = tuple(dict.fromkeys(file.absolute() for file in files))
    source = click.get_current_context().get_parameter_source("data_dir")
    is_chosen = source is not ParameterSource.DEFAULT
    findings = list(examine(different, settings, is_elsewhere=is_elsewhere, data_dir_is_chosen=is_chosen))
    if agent:
        findings.append(check_agent(agent))
    if as_json:
        say_json([finding.as_json() for finding in findings])
    else:
        show(check_table(findings))
    sys.exit(1 if any(finding.verdict is Verdict.ERROR for finding in findings) else 0)
