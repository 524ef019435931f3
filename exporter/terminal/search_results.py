"""What `hookmeter search` prints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exporter.search.view import SearchPage, SearchResult
from exporter.terminal.descriptions import Cell, Line, Styled
from exporter.terminal.lines import show_lines

MATCH_STYLE = "bold yellow"
KIND_STYLES = {"error": "red", "prompt": "cyan", "answer": "green"}


def search_results(results: Iterable[SearchResult]) -> None:
    """Print two lines per result: where it is, and the excerpt with its matches."""
    show_lines(line for result in results for line in (_place(result), _excerpt(result)))


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


def _place(result: SearchResult) -> Line:
    when = datetime.fromisoformat(result["at"]).astimezone().strftime("%Y-%m-%d %H:%M")
    pieces: list[Cell] = [
        f"{when}  {result['session_uuid']}  ",
        Styled(result["project"] or "–", "bold"),
        Styled(f"  {result['kind']}", KIND_STYLES.get(result["kind"], "blue")),
    ]
    if result["tool"]:
        pieces.append(f" {result['tool']}")
    if result["title"]:
        pieces.append(Styled(f"  {result['title']}", "dim"))
    return Line(pieces, "dim")


def _excerpt(result: SearchResult) -> Line:
    excerpt = (Styled(piece["text"], MATCH_STYLE) if piece["match"] else piece["text"] for piece in result["excerpt"])
    return Line(["    ", *excerpt])
