"""The page as Markdown: for each section a list of its metrics, then each metric with its labels and its example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tools.metrics_page.families import Family
from tools.metrics_page.records import Example, LabelText, MetricText, Section

# What people would type: the name of a metric, or a flag. What is marked as such already stays.
CODE = re.compile(r"(?<![`\w])(?:(?:claude|hookmeter)_\w+(?:\{[^}]*\})?|--[a-z][a-z-]+|/api/\w+)")


def markdown(
    families: Mapping[str, Family], intro: str, sections: Sequence[Section], more_examples: Sequence[Example]
) -> str:
    """The whole page; every row has its metric."""
    blocks = [intro.rstrip()]
    for section in sections:
        blocks += _section(section, families)
    if more_examples:
        blocks += ["## More examples", *map(_example, more_examples)]
    return "\n\n".join(blocks) + "\n"


def _section(section: Section, families: Mapping[str, Family]) -> Iterator[str]:
    yield f"## {section.title}"
    if section.before:
        yield section.before
    yield "\n".join(
        (
            "| metric | type | unit | labels |",
            "|---|---|---|---|",
            *(_listed(row, families[row.name]) for row in section.metrics),
        )
    )
    if section.behind:
        yield section.behind
    for row in section.metrics:
        yield from _metric(row, families[row.name])


def _listed(row: MetricText, family: Family) -> str:
    labels = "".join(f" `{label}`," for label in family.labels).rstrip(",")
    return f"| [`{row.name}`](#{row.name}) | {family.kind} | {row.unit} |{labels} |"


def _metric(row: MetricText, family: Family) -> Iterator[str]:
    yield f"### `{row.name}`"
    yield f"*{family.kind.capitalize()}, {row.unit}.* {_as_code(family.help)} {row.more}".rstrip()
    if family.labels:
        yield "\n".join(_label(label, row.labels[label]) for label in family.labels)
    yield _example(row.example)


def _label(name: str, text: LabelText) -> str:
    values = ", ".join(f"`{value}`" for value in text.values)
    return f"- `{name}`: {text.says}{f': {values}' if values else ''}"


def _example(example: Example) -> str:
    return f"```promql\n# {example.gives}\n{example.promql}\n```"


def _as_code(text: str) -> str:
    return CODE.sub(lambda found: f"`{found[0]}`", text)
