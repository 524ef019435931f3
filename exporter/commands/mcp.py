"""`hookmeter mcp`: the answers of the commands for agents, by the Model Context Protocol."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import click
from click.core import ParameterSource

from exporter.commands.options import budget_options
from exporter.commands.place_options import Places, data_dir_option, places_options
from exporter.commands.price_options import price_options
from exporter.counting.budgets import Budgets
from exporter.mcp.answers import Answers
from exporter.prices.table import PriceTable
from exporter.terminal.messages import fail


@click.command()
@places_options
@data_dir_option
@price_options
@budget_options
def mcp(places: Places, data_dir: Path, prices: PriceTable, budgets: Budgets) -> None:
    """Answer agents over standard input and output: cost, sessions, session, search and quota, read-only, redacted.

    In Claude Code: claude mcp add hookmeter -- hookmeter mcp
    """
    if find_spec("mcp") is None:
        fail("the package mcp is missing; install hookmeter with it: uv tool install '.[mcp]' in its clone", 2)
    from exporter.mcp.server import answering  # noqa: PLC0415 - mcp is optional

    is_limited = click.get_current_context().get_parameter_source("transcripts_dirs") is not ParameterSource.DEFAULT
    answers = Answers(places.sessions_dirs, places.transcript_roots, is_limited, data_dir, prices, budgets)
    answering(answers, version("hookmeter")).run("stdio")
