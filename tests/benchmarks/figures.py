"""A benchmark's figure with its limit and target, and the table of all figures."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A measurement. `most` is the target: it bounds the ratio, or the figure itself where there is no limit."""

    name: str
    measured: float
    unit: str
    limit: float | None = None
    most: float | None = None
    limit_name: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the limit it is."""
        return self.measured / self.limit if self.limit else None

    @property
    def kept(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        return None if self.most is None else (self.ratio or self.measured) <= self.most


def table(title: str) -> Table:
    """An empty table for figures."""
    result = Table(title=title, title_justify="left", pad_edge=False)
    for heading in ("figure", "measured", "limit", "ratio", "target", "met"):
        result.add_column(heading, justify="left" if heading in {"figure", "limit"} else "right")
    return result


def add(to: Table, figure: Figure) -> None:
    """Append a figure to a table."""
    unit = "x" if figure.limit else figure.unit
    to.add_row(
        figure.name,
        f"{figure.measured:,.3g} {figure.unit}",
        f"{figure.limit:,.3g} {figure.unit} {figure.limit_name}" if figure.limit else "",
        f"{figure.ratio:.2f}" if figure.ratio else "",
        "" if figure.most is None else f"<= {figure.most:g} {unit}",
        {None: "", True: "yes", False: "NO"}[figure.kept],
    )


def show(shown: Table) -> None:
    """Print a table, also where the output is no terminal."""
    Console(width=140 if not sys.stdout.isatty() else None).print(shown)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A temporary directory for synthetic data."""
    with tempfile.TemporaryDirectory(prefix="hookmeter-bench-") as directory:
        yield Path(directory)


def settle() -> None:
    """Wait until everything written is on the disk, so that writing it back disturbs no figure."""
    os.sync()


def in_own_process(module: str, *words: str) -> str:
    """What a module prints that is run as a program."""
    return subprocess.run([sys.executable, "-m", module, *words], check=True, capture_output=True, text=True).stdout
