"""`hookmeter search`: finds what was said and done in sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from click.core import ParameterSource

from exporter.commands.options import no_search_option
from exporter.commands.place_options import Places, data_dir_option, places_options
from exporter.commands.value_types import Number, Time
from exporter.ledger.file_names import FILE_NAME as LEDGER
from exporter.model.clock import now_us
from exporter.model.since import parse_since
from exporter.search.documents import KINDS
from exporter.search.index_file import DamagedIndexError, UnusableIndexError, index_path
from exporter.search.update import Sources, update_index
from exporter.search.view import SearchPage, SearchRequest, search_page
from exporter.search.words import parse_words
from exporter.sources.files import absolute
from exporter.terminal.messages import fail, say, say_json, warn
from exporter.terminal.search_results import results_found, search_results

OFF = "search is switched off (--no-search or HOOKMETER_NO_SEARCH); nothing is indexed"
FILTERS = ("project", "tool", "session", "kind")


@click.command()
@click.argument("words", nargs=-1, metavar="[WORDS]")
@click.option("--since", type=Time(), help="Only since a time: 7d, 12h or a date.  [default: ever]")
@click.option("--project", metavar="NAME", help="Only in projects whose name contains this.")
@click.option("--tool", metavar="NAME", help="Only calls of this tool.")
@click.option("--session", metavar="UUID", help="Only in the session whose UUID starts with this.")
@click.option("--kind", type=click.Choice(tuple(KINDS)), help="Only texts of this kind.")
@click.option("--limit", type=Number(min=1, max=100), default=20, show_default=True, help="Maximum number of results.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@places_options
@data_dir_option
@no_search_option
def search(words: tuple[str, ...], places: Places, data_dir: Path, no_search: bool, **given: Any) -> None:
    """Find texts that have all WORDS: words, '"phrases"', and beginnings of words with an asterisk ('deplo*').

    The best and newest are first. Secrets are redacted. Words may also be filters, as project:shop, tool:Bash,
    kind:error or session:0f63ea0a; of several filters of one kind, any counts.
    """
    if no_search:
        fail(OFF, 1)
    text = _text(words, given)
    parse_words(text)  # before anything is read
    since_us = parse_since(given["since"], now_us()) if given["since"] else 0
    request = SearchRequest(text, since_us=since_us, limit=given["limit"])
    with _index_directory(data_dir) as directory:
        page = _found(directory, places, request)
    if given["as_json"]:
        say_json(page)
        return
    if page["results"]:
        search_results(page["results"])
    say(results_found(page))


@contextmanager
def _index_directory(data_dir: Path) -> Iterator[Path]:
    """The data directory if it is one; a temporary one instead of a default where nothing is kept so far.

    What was said in all sessions is not to be left in whatever directory the command is run in.
    """
    is_default = click.get_current_context().get_parameter_source("data_dir") is ParameterSource.DEFAULT
    if not is_default or (data_dir / LEDGER).exists() or index_path(data_dir).exists():
        yield data_dir
        return
    warn(f"{data_dir} has no search index, so all is read for this search alone; `hookmeter run` keeps one")
    with TemporaryDirectory(prefix="hookmeter-search-") as directory:
        yield Path(directory)


def _text(words: tuple[str, ...], given: Mapping[str, Any]) -> str:
    """The search as it could be typed: words, and options as filters."""
    filters = [f'{name}:"{given[name]}"' for name in FILTERS if given[name]]
    return " ".join([*words, *filters])


def _found(data_dir: Path, places: Places, request: SearchRequest) -> SearchPage:
    """What is found once all that is new is indexed; if that fails, what is found nevertheless."""
    sources = Sources(tuple(absolute(places.sessions_dirs)), places.transcript_roots)
    try:
        update_index(data_dir, sources)
    except UnusableIndexError as error:
        path = index_path(data_dir)
        warn(f"{path} cannot be updated ({error.reason}); what is newer than its last update is missing here")
    try:
        return search_page(data_dir, request)
    except DamagedIndexError:
        update_index(data_dir, sources)
        return search_page(data_dir, request)
