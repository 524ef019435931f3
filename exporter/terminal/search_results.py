"""What `hookmeter search` prints."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.text import Text

from exporter.model.text import printable
from exporter.search.view import SearchPage, SearchResult
from exporter.terminal.tables import PIPE_WIDTH

MATCH_STYLE = "bold yellow"
KIND_STYLES = {"error": "red", "prompt": "cyan", "answer": "green"}


def search_results(results: Iterable[SearchResult]) -> None:
    """Print two lines per result: where it is, and the excerpt with its matches."""
    is_terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, highlight=False, width=None if is_terminal else PIPE_WIDTH, soft_wrap=True)
    for result in results:
        console.print(_place(result))
        console.print(_excerpt(result))


def results_found(page: SearchPage) -> str:
    """A sentence on the number of results."""
    shown, total = len(page["results"]), page["total"]
    if not total:
        found = "Nothing found; all words must occur in one text. Use an asterisk for beginnings: deplo*"
    elif shown < total or page["total_is_minimum"]:
        found = f"{shown} of {total}{'+' if page['total_is_minimum'] else ''} results; use --limit to see more."
    else:
        found = f"{total} result{'s' if total > 1 else ''}."
    return found if page["complete"] else f"{found} The index is still being built; older sessions may be missing."


def _place(result: SearchResult) -> Text:
    when = datetime.fromisoformat(result["at"]).astimezone().strftime("%Y-%m-%d %H:%M")
    text = Text(f"{when}  {result['session_uuid']}  ", "dim")
    text.append(printable(result["project"] or "–"), "bold")
    text.append(f"  {result['kind']}", KIND_STYLES.get(result["kind"], "blue"))
    if result["tool"]:
        text.append(f" {printable(result['tool'])}")
    if result["title"]:
        text.append(f"  {printable(result['title'])}", "dim")
    return text


def _excerpt(result: SearchResult) -> Text:
    text = Text("    ")
    for piece in result["excerpt"]:
        text.append(printable(piece["text"]), MATCH_STYLE if piece["match"] else None)
    return text
