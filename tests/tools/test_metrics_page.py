"""docs/metrics.md: complete, consistent with the metrics, and with PromQL examples that work."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import promql_parser
import pytest

from tools.metrics_page import page
from tools.metrics_page.checks import PageError, check
from tools.metrics_page.contents import INTRO, MORE_EXAMPLES, SECTIONS
from tools.metrics_page.families import Family, MetricConflictError, by_name, families
from tools.metrics_page.markdown import markdown
from tools.metrics_page.records import Example, LabelText, MetricText, Section

ENTRIES = [entry for section in SECTIONS for entry in section.metrics]
EXAMPLES = [*(entry.example for entry in ENTRIES), *MORE_EXAMPLES]
UNITS = {"_timestamp_seconds": "seconds", "_seconds": "seconds", "_bytes": "bytes", "_usd": "US dollars"}
TARGET = {"instance", "job"}
RECORDED = re.compile(r"\w+:(\w+):(?:increase|p[0-9]+_)[0-9]+[hd]")
CALLS = Family("calls_total", "counter", "Calls.", ("how",), frozenset({("how", "well"), ("how", "badly")}))
ENTRY = MetricText(
    "calls_total", "calls", Example("calls", "calls_total"), labels={"how": LabelText("how", ("well", "badly"))}
)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.result)


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


def family_of(series: str | None, known: dict[str, Family]) -> Family:
    """The metric of a series, or of the rule that records its increases or a quantile of it."""
    recorded = RECORDED.fullmatch(series or "")
    if recorded:
        (name,) = {recorded[1], f"{recorded[1]}_total"} & known.keys()
        return known[name]
    (family,) = (family for family in known.values() if series in series_of(family))
    return family


def series_of(family: Family) -> set[str]:
    """The names of the series of a metric."""
    parts = ("_bucket", "_sum", "_count") if family.kind == "histogram" else ("",)
    return {f"{family.name}{part}" for part in parts}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_example_of_a_metric_parses_and_selects_it(entry: MetricText, known: dict[str, Family]) -> None:
    assert known[entry.name] in [family_of(found.name, known) for found in selectors(entry.example.promql)]


@each_example
def test_an_example_selects_existing_metrics_labels_and_values(example: Example, known: dict[str, Family]) -> None:
    texts = {entry.name: entry.labels for entry in ENTRIES}
    for selector in selectors(example.promql):
        family = family_of(selector.name, known)
        for matcher in selector.matchers.matchers:
            if matcher.name == "le":
                assert str(selector.name).endswith("_bucket")
                continue
            assert matcher.name in {*family.labels, *TARGET}
            values = texts[family.name][matcher.name].values
            selected = matcher.value.split("|")  # closed sets are selected by one or several whole values
            assert not values or set(selected) <= set(values)


@each_example
def test_an_example_groups_by_labels_of_its_metrics(example: Example, known: dict[str, Family]) -> None:
    labels = {label for found in selectors(example.promql) for label in family_of(found.name, known).labels}
    grouped: set[str] = set()

    def note(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier:
            grouped.update(part.modifier.labels)

    promql_parser.walk(promql_parser.parse(example.promql), note)
    assert grouped <= labels | TARGET | {"le"}


def test_the_unit_of_an_entry_is_the_one_in_the_name_of_its_metric() -> None:
    for entry in ENTRIES:
        for ending, unit in UNITS.items():
            assert not entry.name.removesuffix("_total").endswith(ending) or entry.unit == unit, entry.name


def test_every_metric_has_its_texts_below_its_heading(known: dict[str, Family]) -> None:
    text = markdown(known, INTRO, SECTIONS, MORE_EXAMPLES)
    for entry in ENTRIES:
        family = known[entry.name]
        body = text.partition(f"\n### `{entry.name}`\n")[2].partition("\n#")[0]
        assert f"*{family.kind.capitalize()}, {entry.unit}.*" in body
        assert entry.more in body
        assert [label for label in family.labels if f"- `{label}`: {entry.labels[label].meaning}" not in body] == []
        assert [value for label in entry.labels.values() for value in label.values if f"`{value}`" not in body] == []
        assert f"```promql\n# {entry.example.result}\n{entry.example.promql}\n```" in text


def test_names_and_flags_in_help_texts_are_marked_as_code_once() -> None:
    family = replace(CALLS, help='Ratio of `claude_a` to claude_b_total{c="d"}, see --some-flag and /api/metrics.')
    text = markdown({"calls_total": family}, "", [Section("Calls", (ENTRY,))], [])
    assert 'Ratio of `claude_a` to `claude_b_total{c="d"}`, see `--some-flag` and `/api/metrics`.' in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda _: [], "calls_total has no entry in tools/metrics_page/; add one to the file of its subject."),
        (
            lambda entry: [entry, replace(entry, name="b")],
            "b has an entry in tools/metrics_page/, but there is no such metric; remove the entry.",
        ),
        (lambda entry: [entry, entry], "calls_total has 2 entries in tools/metrics_page/; remove all but one."),
        (
            lambda entry: [replace(entry, labels={})],
            "The label how of calls_total is not explained; add it to the entry in tools/metrics_page/.",
        ),
        (
            lambda entry: [replace(entry, labels={**entry.labels, "why": LabelText("why")})],
            "calls_total has no label why; remove it from the entry in tools/metrics_page/.",
        ),
        (
            lambda entry: [replace(entry, labels={"how": LabelText("how", ("well", "ill"))})],
            "The values of the label how of calls_total are badly, well; correct its entry in tools/metrics_page/.",
        ),
    ],
)
def test_an_entry_that_does_not_match_its_metric_is_refused_by_name(
    change: Callable[[MetricText], list[MetricText]], sentence: str
) -> None:
    check({CALLS.name: CALLS}, [Section("Calls", (ENTRY,))])
    with pytest.raises(PageError) as found:
        check({CALLS.name: CALLS}, [Section("Calls", tuple(change(ENTRY)))])
    assert str(found.value) == sentence


def test_a_metric_of_both_processes_is_merged_if_it_is_equal_on_both() -> None:
    other = replace(CALLS, initial=frozenset({("how", "so-so")}))
    assert by_name([CALLS, other]) == {"calls_total": replace(CALLS, initial=CALLS.initial | other.initial)}
    with pytest.raises(MetricConflictError, match="calls_total"):
        by_name([CALLS, replace(CALLS, labels=())])


def test_the_command_writes_the_page_or_reports_why_it_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "PATH", tmp_path / "docs" / "metrics.md")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("tools.metrics_page", run_name="__main__")
    assert (ended.value.code, "does not exist" in capsys.readouterr().err) == (2, True)
    (tmp_path / "docs").mkdir()
    runpy.run_module("tools.metrics_page", run_name="__main__")
    assert page.PATH.read_text(encoding="utf-8") == page.text()
