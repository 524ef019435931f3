"""The hook events of the real Claude Code: each is documented, and those that no metric uses change no number."""

from __future__ import annotations

import json
import mmap
import re
from collections import Counter
from pathlib import Path

import pytest

from exporter.hooks.entries import EVENTS
from tests.e2e.test_claude_cli import by_label, reported_by
from tests.e2e.workplace import Workplace
from tests.support.page import Samples

COUNTING = Path(__file__).parents[2] / "docs" / "counting.md"
NAMED = re.compile(r"`([A-Z]\w+)`")
SKILL = """---
name: greet
description: Greet
allowed-tools: Bash(echo *)
---
It is !`echo early` and !`echo late`.
"""


def events_of(cli: str) -> set[str]:
    """Every event for which a Claude Code runs hooks: the longest list of them in its program."""
    with Path(cli).resolve().open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as program:
        return set(json.loads(max(re.findall(rb'\["PreToolUse",[^\]]*\]', program), key=len)))


def documented_events() -> list[str]:
    return NAMED.findall(COUNTING.read_text().partition("\n## Events\n")[2].partition("\n## ")[0])


def record_everything(workplace: Workplace) -> None:
    """Add the recorder to every event, and a skill whose text runs commands to the project."""
    path = workplace.project / ".claude" / "settings.json"
    settings = json.loads(path.read_text())
    recorder = settings["hooks"]["Stop"]
    path.write_text(json.dumps({"hooks": dict.fromkeys(events_of(workplace.cli), recorder) | settings["hooks"]}))
    skill = workplace.project / ".claude" / "skills" / "greet" / "SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text(SKILL)


def forget_unused_events(workplace: Workplace) -> Counter[str]:
    """Remove the lines of events that are not recorded by default; the number of lines by event."""
    removed: Counter[str] = Counter()
    for path in workplace.sessions.glob("*/*.jsonl"):
        lines = [(json.loads(line)["hook_event_name"], line) for line in path.read_text().splitlines(keepends=True)]
        removed.update(event for event, _ in lines if event not in EVENTS)
        path.write_text("".join(line for event, line in lines if event in EVENTS))
    return removed


def numbers(workplace: Workplace) -> Samples:
    """All numbers of sessions and calls."""
    page = reported_by(workplace.page())
    return {key: value for key, value in page.items() if key[0] != "hookmeter_lines_total"}


def test_each_event_of_claude_code_is_documented_once(claude: str) -> None:
    assert Counter(documented_events()) == Counter({*events_of(claude), *EVENTS})


@pytest.mark.parametrize("script", ["skilled", "delegate", "denied"])
def test_events_that_no_metric_uses_change_no_number(workplace: Workplace, script: str) -> None:
    record_everything(workplace)
    workplace.run(script, "--allowedTools", "Skill", "--disallowedTools", "Bash(echo forbidden)", "Agent(Plan)")
    with_all_events = numbers(workplace)
    removed = forget_unused_events(workplace)
    assert removed["MessageDisplay"] > 0
    assert removed["PreSkillShellCommand"] == (2 if script == "skilled" else 0)
    assert with_all_events == numbers(workplace)


def test_the_shell_commands_of_a_skill_are_no_calls(workplace: Workplace) -> None:
    record_everything(workplace)
    workplace.run("skilled", "--allowedTools", "Skill")
    page = workplace.page()
    assert by_label(page, "claude_tool_calls_total", "tool") == {"Skill": 1, "Bash": 1}
    assert by_label(page, "hookmeter_open_calls") == {}
