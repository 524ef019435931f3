"""The real Claude Code CLI: to which session and project its forks, worktrees and long paths belong."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from exporter.sources.projects import slug
from tests.e2e.test_costs import by, report
from tests.e2e.workplace import Workplace
from tests.support.page import Samples

PARENT, FORK, SECOND_FORK = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "fa0")


def by_project(page: Samples, name: str) -> dict[str, float]:
    """The projects that have any of a metric."""
    return {dict(labels)["project"]: value for (metric, labels), value in page.items() if metric == name and value}


def test_a_fork_and_a_fork_of_it_own_only_what_they_added(workplace: Workplace) -> None:
    workplace.run("cached", "--session-id", PARENT)
    alone = by("session", report(workplace, "--by", "session"))[PARENT]["requests"]
    workplace.run("cached", "--resume", PARENT, "--fork-session", "--session-id", FORK)
    workplace.run("cached", "--resume", FORK, "--fork-session", "--session-id", SECOND_FORK)
    rows = by("session", report(workplace, "--by", "session"))
    added = {name: row["requests"] for name, row in rows.items()}
    assert added.keys() == {PARENT, FORK, SECOND_FORK}
    assert added[PARENT] == alone
    for transcript in workplace.projects.glob(f"*/{PARENT}.jsonl"):
        transcript.unlink()
    assert {name: row["requests"] for name, row in by("session", report(workplace, "--by", "session")).items()} == added


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_session_in_a_worktree_belongs_to_its_repository(workplace: Workplace) -> None:
    for command in (["init", "-q"], ["add", "--force", ".claude"], ["commit", "-q", "-m", "hooks"]):
        identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"]
        subprocess.run(["git", *identity, *command], cwd=workplace.project, check=True)
    workplace.run("cached")
    workplace.run("cached", "--worktree", "feat")
    assert any(path.name.endswith("-shop--claude-worktrees-feat") for path in workplace.projects.iterdir())
    page = workplace.page()
    assert by_project(page, "claude_sessions_started_total") == {"shop": 2}
    assert by_project(page, "claude_cost_usd_total").keys() == {"shop"}


@pytest.mark.parametrize("directory", ["🚀 röcket", "/".join(letter * 60 for letter in "abcd")], ids=["emoji", "long"])
def test_transcript_directories_are_named_after_any_path(workplace: Workplace, directory: str) -> None:
    (workplace.directory / directory).mkdir(parents=True)
    moved = workplace.project.rename(workplace.directory / directory / "shop")
    workplace.project.symlink_to(moved)
    workplace.run("cached")
    assert [path.name for path in workplace.projects.iterdir()] == [slug(str(moved.resolve()))]
    assert by("project", report(workplace, "--by", "project")).keys() == {"shop"}
    assert by_project(workplace.page(), "claude_sessions_started_total") == {"shop": 1}
