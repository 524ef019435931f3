"""What the documents print as code: blocks of lines, and code within a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCKS = {"fence", "code_block"}
PROMPT = "$ "
CRONTAB = re.compile(r"^(?:[\d*/,-]+ +){5}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code in a document, with the number of the line on which it begins."""

    document: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.document}:{self.line}"

    @property
    def is_query(self) -> bool:
        """Whether it is PromQL, which tests/dashboards/test_documented_queries.py runs."""
        return self.language == "promql"

    @property
    def is_session(self) -> bool:
        """Whether it shows commands after a prompt, and what they print."""
        return self.text.startswith(PROMPT)

    @property
    def commands(self) -> str:
        """What a shell runs: of a crontab, the commands without their times."""
        return CRONTAB.sub("", self.text)

    @property
    def is_crontab(self) -> bool:
        return CRONTAB.match(self.text) is not None


@cache
def all_blocks() -> tuple[Block, ...]:
    """The blocks of all documents, but those of PromQL."""
    return tuple(block for path in DOCUMENTS for block in _blocks_of(path) if not block.is_query)


def _blocks_of(path: Path) -> Iterator[Block]:
    name = str(path.relative_to(ROOT))
    for token in MarkdownIt().parse(path.read_text(encoding="utf-8")):
        if token.type in BLOCKS and token.map:
            yield Block(name, token.map[0] + 1, token.info, token.content)


def inline_code() -> Iterator[tuple[str, str]]:
    """Each piece of code within a sentence or a table, with the document that has it."""
    markdown = MarkdownIt().enable("table")
    for path in DOCUMENTS:
        for token in markdown.parse(path.read_text(encoding="utf-8")):
            for child in token.children or ():
                if child.type == "code_inline":
                    yield str(path.relative_to(ROOT)), child.content
