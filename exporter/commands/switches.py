"""Switches that exclude each other."""

from __future__ import annotations

from collections.abc import Mapping

import click
from click.core import ParameterSource


def chosen_switches(given: Mapping[str, bool]) -> list[str]:
    """The parameters that are on; those of the command line take precedence over those of the file of settings."""
    context = click.get_current_context()
    on = [name for name, is_on in given.items() if is_on]
    return [name for name in on if context.get_parameter_source(name) is ParameterSource.COMMANDLINE] or on
