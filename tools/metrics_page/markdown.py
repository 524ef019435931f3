"""The page as Markdown: per section a table of its metrics, then each metric with its labels and its example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tools.metrics_page.families import Family
from tools.metrics_page.records import Example, LabelText, MetricText, Section

# Metric names, flags and paths that are not yet marked as code.
CODE = re.compile(r"(?<![`\w])(?:(?:claude|hookmeter)_\w+(?:\{[^}]*\})?|--[a-z][a-z-]+|/api/\w+)")


def markdown(
    families: Mapping[str, Family], intro: str, sections: Sequence[Section], more_examples: Sequence[Example]
) -> str:
    """The whole page. `families` has every metric of the sections."""
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
            *(_listed(entry, families[entry.name]) for entry in section.metrics),
        )
    )
    if section.after:
        yield section.after
    for entry in section.metrics:
        yield from _metric(entry, families[entry.name])


def _listed(entry: MetricText, family: Family) -> str:
    labels = "".join(f" `{label}`," for label in family.labels).rstrip(",")
    return f"| [`{entry.name}`](#{entry.name}) | {family.kind} | {entry.unit} |{labels} |"


def _metric(entry: MetricText, family: Family) -> Iterator[str]:
    yield f"### `{entry.name}`"
    yield f"*{family.kind.capitalize()}, {entry.unit}.* {_as_code(family.help)} {entry.more}".rstrip()
    if family.labels:
        yield "\n".join(_label(label, entry.labels[label]) for label in family.labels)
    yield _example(entry.example)


def _label(name: str, text: LabelText) -> str:
    values = ", ".join(f"`{value}`" for value in text.values)
    return f"- `{name}`: {text.meaning}{f': {values}' if values else ''}"


def _example(example: Example) -> str:
    return f"```promql\n# {example.result}\n{example.promql}\n```"


def _as_code(text: str) -> str:
    return CODE.sub(lambda match: f"`{match[0]}`", text)
