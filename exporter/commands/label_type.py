"""The type of an option for labels of a target."""

from __future__ import annotations

import re
from typing import Any

import click

from exporter.counting.catalog import METRICS

LABEL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The labels of metrics, and those that have an option.
TAKEN_LABELS = {"le", "job", "instance"}.union(*(metric.labels for metric in METRICS.values()))


class Label(click.ParamType[tuple[str, str]]):
    """A label of all series of a target, such as host=build-07."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split the label; its name must be none that series have already."""
        name, _, text = str(value).partition("=")
        if not (LABEL_NAME.fullmatch(name) and text):
            self.fail(f"invalid label {value!r}; use one such as host=build-07.", param, ctx)
        if name in TAKEN_LABELS:
            self.fail(f"series have another label {name}; use one that your configuration adds.", param, ctx)
        return name, text
