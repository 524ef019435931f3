"""What is decided about transcripts before they are read: their sessions, projects and order."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from exporter.model.sessions import TranscriptSession
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_files import transcripts
from exporter.sources.transcript_survey import Sessions, Survey, SurveyedFile
from tests.support.transcript_lines import NOON, SLUG, assistant_line, write

NOON_US = to_us(NOON.isoformat()) or 0
SECOND_US = 1_000_000


def readable(error: OSError) -> None:
    raise error


class Projects:
    """A directory of transcripts."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def session(self, name: str, *cwds: str, slug: str = SLUG, start: float = 0, **fields: Any) -> Path:
        """Write a transcript with a line in each of these working directories."""
        own: dict[str, Any] = {"sessionId": name, **fields}
        lines = [assistant_line(number, second=start + number, cwd=cwd, **own) for number, cwd in enumerate(cwds)]
        return write(self.root / slug / f"{name}.jsonl", *lines)

    def survey(self, survey: Survey | None = None) -> tuple[Sessions, list[SurveyedFile]]:
        """The sessions, with the paths of their projects in place of labels, and the files in order."""
        survey, files = survey or Survey(), []
        for directory in sorted(map(str, self.root.iterdir())):
            files += survey.add(directory, transcripts(directory, readable))
        sessions = survey.sessions({path: f"label of {path}" for path, _ in survey.times()})
        return sessions, sessions.in_order(files)

    def paths(self, survey: Survey | None = None) -> dict[str, str]:
        """The project of each session."""
        return {name: session.project for name, session in self.survey(survey)[0].known.items()}


@pytest.fixture
def projects(tmp_path: Path) -> Projects:
    return Projects(tmp_path)


def test_the_first_lines_of_a_session_may_be_written_outside_of_its_project(projects: Projects) -> None:
    projects.session("a", "/tmp", "/tmp", "/home/dev/shop/web")
    assert projects.paths() == {"a": "/home/dev/shop"}


def test_a_session_that_never_is_in_its_project_has_that_of_the_others_in_its_directory(projects: Projects) -> None:
    projects.session("a", "/tmp")
    projects.session("b", "/home/dev/shop")
    assert projects.paths() == {"a": "/home/dev/shop", "b": "/home/dev/shop"}


def test_other_logs_may_name_the_project_of_a_directory(projects: Projects) -> None:
    projects.session("a", "/tmp")
    assert projects.paths(Survey(known_paths=["/home/dev/other", "/home/dev/shop"])) == {"a": "/home/dev/shop"}


def test_if_no_line_names_it_the_project_is_where_the_session_wrote_first(projects: Projects) -> None:
    projects.session("a", "/srv/one", "/srv/one/sub")
    projects.session("b", "/srv/two")
    assert projects.paths() == {"a": "/srv/one", "b": "/srv/two"}


def test_a_worktree_and_its_repository_are_one_project(projects: Projects) -> None:
    projects.session("a", "/home/dev/shop")
    projects.session("b", "/home/dev/shop/.claude/worktrees/feat", slug=f"{SLUG}--claude-worktrees-feat")
    assert set(projects.paths().values()) == {"/home/dev/shop"}


def test_two_directories_with_one_slug_are_two_projects(projects: Projects) -> None:
    projects.session("a", "/home/dev-shop")
    projects.session("b", "/home/dev/shop")
    assert projects.paths() == {"a": "/home/dev-shop", "b": "/home/dev/shop"}


def test_a_sub_agent_belongs_to_its_session_wherever_it_works(projects: Projects) -> None:
    projects.session("a", "/home/dev/shop", start=9)
    write(projects.root / SLUG / "a" / "subagents" / "agent-1.jsonl", assistant_line(9, cwd="/tmp", sessionId="a"))
    write(projects.root / SLUG / "agent-2.jsonl", assistant_line(9, cwd="/tmp", sessionId="a", second=20))
    sessions, files = projects.survey()
    assert sessions.known == {"a": TranscriptSession("a", "/home/dev/shop", NOON_US + 9 * SECOND_US)}
    assert [file.session_id for file in files] == ["a", "a", "a"]


def test_what_was_decided_before_is_not_decided_again(projects: Projects) -> None:
    projects.session("a", "/home/dev/shop")
    before = TranscriptSession("a", "label", 7)
    sessions, _ = projects.survey(Survey(lambda names: {"a": before} if "a" in names else {}))
    assert (sessions.known, sessions.new) == ({"a": before}, {})


def test_a_session_without_a_directory_yet_is_decided_later(projects: Projects) -> None:
    projects.session("a", "")
    sessions, (file,) = projects.survey()
    assert (sessions.of_lines(file)("a").label, sessions.new) == ("unknown", {})


def test_a_line_of_a_session_without_a_transcript_is_attributed_like_its_file(projects: Projects) -> None:
    projects.session("a", "/home/dev/shop")
    sessions, (file,) = projects.survey()
    assert sessions.of_lines(file)("gone") == TranscriptSession(
        "gone", "/home/dev/shop", NOON_US, "label of /home/dev/shop"
    )


def test_sessions_come_in_the_order_in_which_they_began_and_branches_last(projects: Projects) -> None:
    projects.session("c", "/home/dev/shop", start=1)
    projects.session("b", "/home/dev/shop", start=2)
    projects.session("a", "/home/dev/shop", start=0, forkedFrom={"sessionId": "c"})
    write(projects.root / SLUG / "c" / "subagents" / "agent-1.jsonl", assistant_line(9, sessionId="c"))
    _, files = projects.survey()
    assert [os.path.relpath(each.file.path, projects.root / SLUG) for each in files] == [
        "c/subagents/agent-1.jsonl", "c.jsonl", "b.jsonl", "a.jsonl",
    ]  # fmt: skip


def test_the_names_of_files_make_no_difference(projects: Projects) -> None:
    own = [
        projects.session("a", "/home/dev/shop", start=2),
        projects.session("b", "/tmp", start=1),
        projects.session("c", "/home/dev-shop", start=3),
    ]
    expected = projects.survey()[0].known
    contents = [path.read_text() for path in own]
    for order in permutations(contents):
        for path, content in zip(own, order, strict=True):
            path.write_text(content)
        assert projects.survey()[0].known == expected


def test_a_transcript_that_cannot_be_read_is_left_to_the_reader(projects: Projects) -> None:
    (projects.root / SLUG).mkdir()
    (projects.root / SLUG / "loop.jsonl").symlink_to("loop.jsonl")
    path = projects.session("a", "/home/dev/shop")
    survey = Survey()
    listed = list(transcripts(str(path.parent), readable))
    path.unlink()
    assert len(survey.add(str(path.parent), listed)) == 1
    assert survey.times() == []


def test_transcripts_that_name_no_session_have_one_each(projects: Projects) -> None:
    for name in ("one", os.fsdecode(b"\xff")):
        projects.session(name, f"/srv/{name!a}", sessionId=None)
    sessions, files = projects.survey()
    assert len(sessions.known) == 2
    assert sorted(sessions.of_lines(file)("").project for file in files) == ["/srv/'\\udcff'", "/srv/'one'"]
    assert all(session.session_id.encode() for session in sessions.new.values())
