"""Search: what it takes to index 100,000 calls, to find something in them, and to be scraped meanwhile.

Times are of the processor, so that other work on the machine does not count, but for scrapes.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

from exporter.search.index_file import FILE_NAME
from exporter.search.update import Sources, update_index
from exporter.search.view import SearchRequest, search_page
from exporter.serving.run import exporter
from exporter.settings import Settings
from exporter.web.listen_address import ListenAddress
from tests.benchmarks.figures import Figure, seconds, settle, temporary_directory

CALLS, CALLS_OF_SESSION = 100_000, 500
WORDS, WORDS_OF_COMMAND = 20_000, 12
MAX_SEARCH_MS, MAX_NEW_LINE_MS, MAX_SLOWDOWN = 100, 200, 2
ROUNDS = 5
SCRAPES = 200
# Common and rare words, phrases, beginnings, filters, all of them, and nothing that matches.
SEARCHES = (
    "w1", "w1 w2", "w1 w2 w3", '"w1 w2"', "w19000", "w1*", "w12*", "kind:error", "kind:error w3", "tool:Bash w1",
    "project:p7 w1", "session:00000007 w1", "tool:WebFetch", 'kind:command project:p3 "w2 w1" w5*', "nosuchword",
)  # fmt: skip
START = datetime.now(UTC) - timedelta(days=60)


def figures(size: float) -> Iterator[Figure]:
    """One index for all."""
    with temporary_directory() as directory:
        projects, data = directory / "projects", directory / "data"
        calls = round(CALLS * size)
        written = _write_transcripts(projects, calls)
        settle()
        sources = Sources((), (str(projects),))
        took = _processor_seconds(lambda: update_index(data, sources))
        what = f"{calls:,} calls"
        yield Figure(f"index {what}", took, "s")
        yield Figure("the same", written / took / 1e6, "MB/s")
        yield Figure("size of the index", (data / FILE_NAME).stat().st_size, "bytes", written, 1, "transcripts")
        yield from _searches(data, what)
        yield from _new_line(projects, data, sources)
        yield from _scrapes(directory, projects)


def _searches(data: Path, what: str) -> Iterator[Figure]:
    medians = {text: statistics.median(_search_ms(data, text) for _ in range(ROUNDS)) for text in SEARCHES}
    slowest = max(medians, key=lambda text: medians[text])
    yield Figure(f"search in {what}, p50 of {len(SEARCHES)} searches", statistics.median(medians.values()), "ms")
    yield Figure(f"search in {what}, the slowest: {slowest}", medians[slowest], "ms", most=MAX_SEARCH_MS)


def _search_ms(data: Path, text: str) -> float:
    return _processor_seconds(lambda: search_page(data, SearchRequest(text))) * 1e3


def _new_line(projects: Path, data: Path, sources: Sources) -> Iterator[Figure]:
    path = next(projects.rglob("*.jsonl"))
    line = path.read_text().splitlines()[-2]

    def add(number: int) -> float:
        with path.open("a") as file:
            file.write(line.replace("toolu_", f"toolu_{number}_") + "\n")
        return _processor_seconds(lambda: update_index(data, sources))

    yield Figure("index a new line", statistics.median(map(add, range(ROUNDS))) * 1e3, "ms", most=MAX_NEW_LINE_MS)


def _scrapes(directory: Path, projects: Path) -> Iterator[Figure]:
    """Scrapes while everything is indexed, next to those of an exporter without search."""
    measured = {}
    for no_search in (True, False):
        data = directory / f"data-{no_search}"
        listen = ListenAddress("127.0.0.1", 0)
        settings = Settings((directory / "logs",), data, listen, None, 200, (str(projects),), no_search=no_search)
        with exporter(settings) as (server, service):
            thread = server.start_in_thread()
            service.wait_until_ready()
            client = HTTPConnection("127.0.0.1", server.address.port)
            measured[no_search] = sorted(seconds(lambda: _scrape(client)) for _ in range(SCRAPES))  # noqa: B023 - called at once
            client.close()
            server.stop()
            thread.join()
    p50, p95 = ([scrapes[SCRAPES * share // 100] * 1e3 for scrapes in measured.values()] for share in (50, 95))
    yield Figure("scrape while all is indexed, p50", p50[1], "ms", p50[0], MAX_SLOWDOWN, "without search")
    yield Figure("scrape while all is indexed, p95", p95[1], "ms", p95[0], None, "without search")


def _processor_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _scrape(client: HTTPConnection) -> None:
    client.request("GET", "/metrics")
    response = client.getresponse()
    assert response.status == 200
    response.read()


def _write_transcripts(projects: Path, calls: int) -> int:
    """Write sessions of calls, one in twenty of which fails, and return the number of bytes."""
    rng, written = random.Random(1), 0
    for first in range(0, calls, CALLS_OF_SESSION):
        session, project = f"{first // CALLS_OF_SESSION:08}-0000-4000-8000-000000000000", f"p{first % 11}"
        path = projects / f"-home-you-{project}" / f"{session}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        numbers = range(first, min(first + CALLS_OF_SESSION, calls))
        path.write_text("".join(_call(rng, number, session, project) for number in numbers))
        written += path.stat().st_size
    return written


def _call(rng: random.Random, number: int, session: str, project: str) -> str:
    tool = "WebFetch" if number % 50 == 0 else "Bash"
    at = (START + timedelta(seconds=number * 50)).isoformat().replace("+00:00", "Z")
    common = {"timestamp": at, "sessionId": session, "cwd": f"/home/you/{project}"}
    use = {"type": "tool_use", "id": f"toolu_{number}", "name": tool, "input": {"command": _text(rng)}}
    message = {"id": f"msg_{number}", "model": "claude-opus-4-6", "content": [use], "usage": {"output_tokens": 5}}
    is_error = number % 20 == 0
    result = {"type": "tool_result", "tool_use_id": use["id"], "content": _text(rng) * 5, "is_error": is_error}
    lines = (
        {"type": "assistant", "message": message, "requestId": f"req_{number}", **common},
        {"type": "user", "message": {"role": "user", "content": [result]}, **common},
    )
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def _text(rng: random.Random) -> str:
    """Words, of which the first are as common as those of a language."""
    return " ".join(f"w{min(round(rng.paretovariate(0.5)), WORDS)}" for _ in range(WORDS_OF_COMMAND))
