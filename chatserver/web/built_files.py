"""The built files of the web pages: `npm run build` in chatserver/ui writes them to chatserver/static."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

STATIC = Path(__file__).parents[1] / "static"
MANIFEST = "manifest.json"
FOR_A_YEAR = "public, max-age=31536000, immutable"  # the name changes with the content
NAME = re.compile(r"[\w-]+\.[a-z0-9]+", re.ASCII)
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
}


class Chunk(msgspec.Struct, frozen=True, rename="camel"):
    """A file of the manifest, and what must be loaded with it."""

    file: str
    is_entry: bool = False
    imports: tuple[str, ...] = ()
    css: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assets:
    """The URLs that a page loads: its script, the modules that the script imports, and the styles."""

    script: str
    preloads: tuple[str, ...]
    styles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """The content of a file, also compressed."""

    content: bytes
    gzipped: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class PageFiles:
    """How the files of pages are found, and how long browsers may cache them."""

    read_assets: Callable[[str], Assets]
    read_file: Callable[[str, str], BuiltFile | None]
    cache_control: str


def page_files(*, production: bool) -> PageFiles:
    """Files that are read once in production, and for every request in development."""
    if production:
        return PageFiles(cache(read_assets), _cached_files(), FOR_A_YEAR)
    return PageFiles(read_assets, read_file, "no-store")


def read_assets(page: str) -> Assets:
    """The URLs that a page loads. Raises OSError if the page is not built."""
    chunks = msgspec.json.decode((STATIC / page / MANIFEST).read_bytes(), type=dict[str, Chunk])
    entry = next(chunk for chunk in chunks.values() if chunk.is_entry)
    imported = tuple(_imported(entry, chunks))
    styles = dict.fromkeys(name for chunk in (*imported, entry) for name in chunk.css)
    return Assets(
        _address(page, entry.file),
        tuple(_address(page, chunk.file) for chunk in imported),
        tuple(_address(page, name) for name in styles),
    )


def read_file(page: str, name: str) -> BuiltFile | None:
    """A file of a page; None where there is no such file."""
    path = STATIC / page / name
    if not NAME.fullmatch(name) or path.suffix not in MEDIA_TYPES or not path.is_file():
        return None
    content = path.read_bytes()
    return BuiltFile(content, gzip.compress(content, mtime=0), MEDIA_TYPES[path.suffix])


def _cached_files() -> Callable[[str, str], BuiltFile | None]:
    """`read_file` with a cache of the files that exist, so that names which do not exist cannot fill it."""
    known: dict[tuple[str, str], BuiltFile] = {}

    def find(page: str, name: str) -> BuiltFile | None:
        found = known.get((page, name)) or read_file(page, name)
        if found:
            known[page, name] = found
        return found

    return find


def _imported(chunk: Chunk, chunks: dict[str, Chunk]) -> Iterator[Chunk]:
    for name in chunk.imports:
        yield from _imported(chunks[name], chunks)
        yield chunks[name]


def _address(page: str, name: str) -> str:
    return f"/static/{page}/{name}"
