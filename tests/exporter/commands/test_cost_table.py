"""The table of costs in a terminal: widths, names and encodings."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.exporter.commands.costs import HEADINGS, OPUS, OTHER_SESSION, UNKNOWN, groups, report
from tests.support.hookmeter_process import Home
from tests.support.terminals import in_terminal
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, write

HOSTILE = "\x1b[2J\x07[bold]evil\r\nname\u202e"
SHOWN = " [2J [bold]evil  name"


def test_control_characters_in_a_name_are_not_sent_to_the_terminal(home: Home, projects: Path) -> None:
    write(projects / SLUG / "a.jsonl", assistant_line(1, model=HOSTILE), assistant_line(2))
    for words in (("cost",), ("cost", "--csv")):
        piped = home.run(*words).stdout
        assert SHOWN in piped
        for shown in (piped.replace("\n", ""), "".join(in_terminal(home, 120, *words))):
            assert shown.isprintable()
    assert len(home.run("cost").stdout.splitlines()) == 5  # a heading, two models, the total and the note
    assert [line["model"] for line in report(home)["rows"]] == [OPUS, HOSTILE]


def test_wide_characters_keep_the_columns_straight(home: Home, projects: Path) -> None:
    for number, name in enumerate(("日本語モデル", "ascii", "e\u0301te\u0301", "🦀")):
        write(projects / SLUG / "a.jsonl", assistant_line(number, model=name))
    for lines in (home.run("cost").stdout.splitlines(), in_terminal(home, 100, "cost")):
        *table, _note = lines
        assert len(table) == 6
        assert len({cell_len(line.rstrip()) for line in table}) == 1


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 160])
def test_rows_fit_the_terminal(home: Home, projects: Path, columns: int) -> None:
    large = usage(123_456, 96_310, read=31_204_118, five=2_204_560, server_tool_use={"web_search_requests": 1_234})
    write(projects / SLUG / "a.jsonl", assistant_line(1, large), assistant_line(2, large, model=UNKNOWN))
    head, first, second, total, *_note = in_terminal(home, columns, "cost")
    lines = [head, first, second, total]
    assert max(map(len, lines)) <= columns
    assert [line.split()[0] for line in lines] == ["model", OPUS, UNKNOWN, "total"]
    assert [line.split()[-1] for line in lines] == ["cost", "$44.75", "unknown", "$44.75+"]
    assert not any("…" in line for line in lines)
    shown = " ".join(head.split()[1:])
    assert (shown == HEADINGS) == (columns >= 100)


def test_a_session_id_is_complete_in_a_terminal_of_80_columns(spent: Home) -> None:
    _head, first, second, *_rest = in_terminal(spent, 80, "cost", "--by", "session")
    assert (first.split()[0], second.split()[0]) == (SESSION, OTHER_SESSION)


def test_a_message_of_no_session_is_a_dash(home: Home, projects: Path) -> None:
    write(projects / SLUG / "a.jsonl", assistant_line(1, sessionId=None))
    assert home.run("cost", "--by", "session").stdout.splitlines()[1].startswith("–  ")
    assert groups(home, "session") == [("", 1)]


def test_it_works_in_an_ascii_terminal(home: Home, projects: Path) -> None:
    write(projects / SLUG / "a.jsonl", assistant_line(1, model="日本語"))
    ascii_only = home.with_variables(PYTHONIOENCODING="ascii", LC_ALL="C")
    for words in (("cost",), ("cost", "--csv"), ("cost", "--json")):
        result = ascii_only.run(*words)
        assert (result.returncode, result.stderr) == (0, "")
        assert "u65e5" in result.stdout
