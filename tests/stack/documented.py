"""The commands of the documentation, which the tests run as they are."""

from __future__ import annotations

import re

from tests.dashboards.committed import ROOT


def documented(document: str, containing: str) -> str:
    """The block of commands with a text; there must be one."""
    blocks = re.findall(r"(?:^ {4}.*\n)+", (ROOT / "docs" / document).read_text(), re.MULTILINE)
    (found,) = [block for block in blocks if containing in block]
    return re.sub(r"^ {4}", "", str(found), flags=re.MULTILINE)
