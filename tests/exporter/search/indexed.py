"""A search index of synthetic logs and transcripts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.search.index_file import FILE_NAME, PARTS, writable_index
from exporter.search.update import IndexUpdate, Sources
from exporter.search.view import SearchPage, SearchRequest, SearchResult, search_page
from exporter.search.writer import KEEP, IndexWriter
from tests.support.synthetic_transcripts import CWD

__all__ = ["CWD", "Indexed", "excerpt"]


@dataclass(frozen=True)
class Indexed:
    """What is indexed, and the directory of the index."""

    directory: Path

    @property
    def projects(self) -> Path:
        return self.directory / "projects"

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def file(self) -> Path:
        return self.data / FILE_NAME

    @property
    def sources(self) -> Sources:
        return Sources((str(self.logs),), (str(self.projects),))

    def update(self) -> int:
        """Bring the index up to date, and return how many bytes were read."""
        with writable_index(self.data) as connection:
            return sum(IndexUpdate(connection, self.data, self.sources).steps())

    def keep(self, seconds: int) -> None:
        """Set for how long texts are kept whose files are deleted."""
        with writable_index(self.data) as connection:
            IndexWriter(connection).set_fact(KEEP, seconds)

    def page(self, text: str, **given: Any) -> SearchPage:
        return search_page(self.data, SearchRequest(text)._replace(**given))

    def results(self, text: str) -> list[SearchResult]:
        return self.page(text, limit=100)["results"]

    def found(self, text: str) -> list[str]:
        """The excerpts that are found, in the order of their words."""
        return sorted(map(excerpt, self.results(text)))

    def bytes(self) -> bytes:
        """All that is on disk of the index."""
        parts = [self.file.with_name(self.file.name + part) for part in PARTS]
        return b"".join(part.read_bytes() for part in parts if part.exists())


def excerpt(result: SearchResult) -> str:
    """An excerpt with its matches in brackets."""
    return "".join(f"[{piece['text']}]" if piece["match"] else piece["text"] for piece in result["excerpt"])
