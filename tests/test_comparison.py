"""The comparison with other programs is complete, and names only what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.commands import every_command

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
FEATURES = PAGE.split("## What each can do")[1].split("## What it takes")[0]
PRODUCTS = ["hookmeter", "argus-code", "chatdeck", "dashboard-for-claude-code", "cc-observatory"]
ANSWER = re.compile(r"(yes|no|partly)\b")
BEST_ANSWERED_NO = "Readable by other accounts of the machine?"


def rows(text: str) -> list[list[str]]:
    """The cells of all rows of its tables, without the lines below headings."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def questions() -> list[list[str]]:
    """The rows that compare features."""
    return [row for row in rows(FEATURES) if row[0] != "question"]


def test_every_product_has_a_column_in_every_table_of_features() -> None:
    headings = [row for row in rows(FEATURES) if row[0] == "question"]
    assert headings
    assert all(heading[1:] == PRODUCTS for heading in headings)


@pytest.mark.parametrize("row", questions(), ids=lambda row: row[0])
def test_every_question_has_an_answer_for_every_product(row: list[str]) -> None:
    assert len(row) == 1 + len(PRODUCTS)
    assert [cell for cell in row[1:] if not ANSWER.match(cell)] == []


def test_nothing_that_others_can_do_is_missing_in_hookmeter_without_a_reason() -> None:
    assert [row[0] for row in questions() if row[1].startswith("no") and row[0] != BEST_ANSWERED_NO] == []
    missing = rows(PAGE.split("## What others do, and hookmeter does not")[1])[1:]
    assert missing
    assert [row for row in missing if len(row) != 3 or not all(row)] == []


def test_every_command_that_it_names_exists() -> None:
    commands = {path: {name for one in command.params for name in one.opts} for path, command in every_command()}
    named = [text.partition(" --") for text in re.findall(r"`(hookmeter [^`]*)`", PAGE)]
    assert named
    assert [
        path for path, _, option in named if path not in commands or (option and f"--{option}" not in commands[path])
    ] == []


def test_every_metric_that_it_names_is_documented() -> None:
    named = set(re.findall(r"`(claude_\w+)`", PAGE))
    assert named
    assert [name for name in named if f"[`{name}`]" not in (ROOT / "docs" / "metrics.md").read_text()] == []


def test_the_scripts_that_prove_differences_install_the_versions_that_it_names() -> None:
    scripts = [ROOT / "docs" / link for link in re.findall(r"\((\.\./findings/[^)]*)\)", PAGE)]
    assert scripts
    for script in scripts:
        [(product, version)] = re.findall(r"([a-z-]+)==([\d.]+)", script.read_text())
        assert f"{product} {version}" in PAGE
