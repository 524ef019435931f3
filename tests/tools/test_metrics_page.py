"""docs/metrics.md as it is made: whole, refused where table and metrics differ, and full of PromQL that works."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import promql_parser
import pytest

from tools.metrics_page import page
from tools.metrics_page.checks import PageError, check
from tools.metrics_page.contents import INTRO, MORE_EXAMPLES, SECTIONS
from tools.metrics_page.families import Family, TwoMeaningsError, by_name, families
from tools.metrics_page.markdown import markdown
from tools.metrics_page.records import Example, LabelText, MetricText, Section

ROWS = [row for section in SECTIONS for row in section.metrics]
EXAMPLES = [*(row.example for row in ROWS), *MORE_EXAMPLES]
UNITS = {"_timestamp_seconds": "seconds", "_seconds": "seconds", "_bytes": "bytes", "_usd": "US dollars"}
TARGET = {"instance", "job"}
CALLS = Family("calls_total", "counter", "Calls.", ("how",), frozenset({("how", "well"), ("how", "badly")}))
ROW = MetricText(
    "calls_total", "calls", Example("calls", "calls_total"), labels={"how": LabelText("how", ("well", "badly"))}
)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.gives)


@pytest.fixture(scope="module")
def known() -> dict[str, Family]:
    return families()


def selectors(promql: str) -> list[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def note(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector):
            found.append(part)

    promql_parser.walk(promql_parser.parse(promql), note)
    return found


def series(family: Family) -> set[str]:
    """The names by which a metric is asked for."""
    return (
        {f"{family.name}{part}" for part in ("_bucket", "_sum", "_count")}
        if family.kind == "histogram"
        else {family.name}
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_example_of_a_metric_parses_and_names_it(row: MetricText, known: dict[str, Family]) -> None:
    assert {found.name for found in selectors(row.example.promql)} & series(known[row.name])


@each_example
def test_an_example_names_metrics_that_there_are_by_labels_and_values_that_they_have(
    example: Example, known: dict[str, Family]
) -> None:
    family_of = {name: family for family in known.values() for name in series(family)}
    texts = {row.name: row.labels for row in ROWS}
    for selector in selectors(example.promql):
        family = family_of[selector.name or ""]
        for matcher in selector.matchers.matchers:
            assert matcher.name in {*family.labels, *TARGET}
            values = texts[family.name][matcher.name].values
            asked = matcher.value.split("|")  # a closed set is asked for by whole values, one or several
            assert not values or set(asked) <= set(values)


@each_example
def test_an_example_groups_by_labels_that_its_metrics_have(example: Example, known: dict[str, Family]) -> None:
    family_of = {name: family for family in known.values() for name in series(family)}
    labels = {label for found in selectors(example.promql) for label in family_of[found.name or ""].labels}
    grouped: set[str] = set()

    def note(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier:
            grouped.update(part.modifier.labels)

    promql_parser.walk(promql_parser.parse(example.promql), note)
    assert grouped <= labels | TARGET | {"le"}


def test_a_unit_that_the_name_tells_is_the_one_of_the_row() -> None:
    for row in ROWS:
        for ending, unit in UNITS.items():
            assert not row.name.removesuffix("_total").endswith(ending) or row.unit == unit, row.name


def test_every_metric_has_all_there_is_to_say_in_its_place(known: dict[str, Family]) -> None:
    text = markdown(known, INTRO, SECTIONS, MORE_EXAMPLES)
    for row in ROWS:
        family = known[row.name]
        told = text.partition(f"\n### `{row.name}`\n")[2].partition("\n#")[0]
        assert f"*{family.kind.capitalize()}, {row.unit}.*" in told
        assert row.more in told
        assert [label for label in family.labels if f"- `{label}`: {row.labels[label].says}" not in told] == []
        assert [value for label in row.labels.values() for value in label.values if f"`{value}`" not in told] == []
        assert f"```promql\n# {row.example.gives}\n{row.example.promql}\n```" in text


def test_names_and_flags_in_a_help_are_marked_as_code_once() -> None:
    family = replace(
        CALLS, help='What `claude_a` and claude_b_total{c="d"} say, as --some-flag has it at /api/metrics.'
    )
    text = markdown({"calls_total": family}, "", [Section("Calls", (ROW,))], [])
    assert 'What `claude_a` and `claude_b_total{c="d"}` say, as `--some-flag` has it at `/api/metrics`.' in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda _: [], "calls_total has no row in tools/metrics_page/: give it one in the file of its subject."),
        (
            lambda row: [row, replace(row, name="b")],
            "b has a row in tools/metrics_page/, but there is no such metric: take the row out.",
        ),
        (lambda row: [row, row], "calls_total has 2 rows in tools/metrics_page/: leave one of them."),
        (
            lambda row: [replace(row, labels={})],
            "The label how of calls_total is not explained: add it to the row in tools/metrics_page/.",
        ),
        (
            lambda row: [replace(row, labels={**row.labels, "why": LabelText("why")})],
            "calls_total has no label why: take it out of the row in tools/metrics_page/.",
        ),
        (
            lambda row: [replace(row, labels={"how": LabelText("how", ("well", "ill"))})],
            "The label how of calls_total can be badly, well: let its row in tools/metrics_page/ have just these.",
        ),
    ],
)
def test_a_table_that_does_not_fit_the_metrics_is_refused_by_name(
    change: Callable[[MetricText], list[MetricText]], sentence: str
) -> None:
    check({CALLS.name: CALLS}, [Section("Calls", (ROW,))])
    with pytest.raises(PageError) as found:
        check({CALLS.name: CALLS}, [Section("Calls", tuple(change(ROW)))])
    assert str(found.value) == sentence


def test_a_metric_of_both_pages_is_one_if_it_is_the_same_on_both() -> None:
    other = replace(CALLS, shown=frozenset({("how", "so-so")}))
    assert by_name([CALLS, other]) == {"calls_total": replace(CALLS, shown=CALLS.shown | other.shown)}
    with pytest.raises(TwoMeaningsError, match="calls_total"):
        by_name([CALLS, replace(CALLS, labels=())])


def test_the_command_writes_the_page_or_says_in_a_sentence_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "PATH", tmp_path / "docs" / "metrics.md")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("tools.metrics_page", run_name="__main__")
    assert (ended.value.code, "is no folder" in capsys.readouterr().err) == (2, True)
    (tmp_path / "docs").mkdir()
    runpy.run_module("tools.metrics_page", run_name="__main__")
    assert page.PATH.read_text(encoding="utf-8") == page.text()
