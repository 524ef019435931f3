"""docs/metrics.md: composed and written."""

from __future__ import annotations

from pathlib import Path

from tools.metrics_page.checks import PageError, check
from tools.metrics_page.contents import INTRO, MORE_EXAMPLES, SECTIONS
from tools.metrics_page.families import families
from tools.metrics_page.markdown import markdown

PATH = Path(__file__).parents[2] / "docs" / "metrics.md"


def text() -> str:
    """The up-to-date page. Raises PageError, MetricConflictError."""
    found = families()
    check(found, SECTIONS)
    return markdown(found, INTRO, SECTIONS, MORE_EXAMPLES)


def write(path: Path | None = None) -> None:
    """Write the page. Raises PageError, MetricConflictError."""
    path = path or PATH
    if not path.parent.is_dir():
        raise PageError(f"{path.parent} does not exist; run this in a checkout of the repository.")
    path.write_text(text(), encoding="utf-8")
