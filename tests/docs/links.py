"""Links of a document to files next to it."""

from __future__ import annotations

import re
from pathlib import Path


def dead_links(document: Path) -> list[str]:
    """The links of a document, and its pictures, that lead to no file."""
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) + re.findall(r'src="([^"]+)"', text)
    return [link for link in links if "://" not in link and not (document.parent / link).exists()]
