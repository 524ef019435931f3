"""Write docs/metrics.md: `make docs`."""

from __future__ import annotations

import sys

import click

from exporter.model.errors import UserError
from tools.metrics_page.page import write

if __name__ == "__main__":
    try:
        write()
    except UserError as error:
        click.echo(error, err=True)
        sys.exit(2)
