"""The project of a line: where Claude Code was started, whatever directory it was in when it wrote the line."""

from __future__ import annotations

import pytest

from exporter.model.records import NO_PROJECT, Project
from exporter.sources.projects import is_named_after, names, project_of, repository, slug, start_directory

TRANSCRIPT = "/home/dev/.claude/projects/-home-dev-my-shop-v2/s-1.jsonl"
LONG = f"/home/dev/{'/'.join(letter * 60 for letter in 'abcd')}/shop"


def certain(path: str) -> Project:
    return Project(path, is_certain=True)


def uncertain(path: str) -> Project:
    return Project(path, is_certain=False)


def test_the_directory_in_which_claude_was_started_takes_precedence() -> None:
    assert project_of("/home/dev/shop", "/tmp/elsewhere", TRANSCRIPT) == certain("/home/dev/shop")


def test_the_project_is_the_parent_of_the_working_directory_that_the_transcript_is_named_after() -> None:
    assert project_of("", "/home/dev/my.shop_v2/web/src", TRANSCRIPT) == certain("/home/dev/my.shop_v2")


def test_otherwise_the_working_directory_is_the_project_but_that_is_uncertain() -> None:
    assert project_of("", "/home/dev/shop", "") == uncertain("/home/dev/shop")
    assert project_of("", "/tmp/elsewhere", TRANSCRIPT) == uncertain("/tmp/elsewhere")


def test_a_line_without_a_directory_has_no_project() -> None:
    assert project_of("", "", TRANSCRIPT) == NO_PROJECT


@pytest.mark.parametrize(
    "path",
    [
        "/home/dev/shop/.claude/worktrees/feat",
        "/home/dev/shop/.claude/worktrees/feat/web",
        "/home/dev/shop/.claude/worktrees/feat/.claude/worktrees/agent-1",
        "/home/dev/shop/",
    ],
)
def test_a_worktree_belongs_to_its_repository(path: str) -> None:
    assert repository(path) == "/home/dev/shop"
    assert project_of(path, "", "") == project_of(path, path, "") == certain("/home/dev/shop")


@pytest.mark.parametrize("path", ["/home/dev/shop/.claude", "/home/dev/.claude/worktrees", "/.claude/worktrees/x"])
def test_other_directories_are_no_worktrees(path: str) -> None:
    assert repository(path) == (path if path[1] != "." else "/")


def test_a_worktree_is_found_by_the_name_of_its_transcript_directory() -> None:
    transcript = "/home/dev/.claude/projects/-home-dev-shop--claude-worktrees-feat/s-1.jsonl"
    assert project_of("", "/home/dev/shop/.claude/worktrees/feat/web", transcript) == certain("/home/dev/shop")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/dev/my.shop_v2", "-home-dev-my-shop-v2"),
        ("/home/dev/🚀 rocket", "-home-dev----rocket"),
        ("/home/dev/é", "-home-dev--"),
        ("C:\\Users\\dev", "C--Users-dev"),
        (f"/{'a' * 199}", f"-{'a' * 199}"),
        # as the real Claude Code 2.1.332 named it
        (LONG.replace("/home/dev", "/tmp/cc-run"), f"-tmp-cc-run-{'a' * 60}-{'b' * 60}-{'c' * 60}-ddddd-lqtq8"),
        (LONG, f"-home-dev-{'a' * 60}-{'b' * 60}-{'c' * 60}-ddddddd-s8091t"),
    ],
    ids=["usual", "emoji", "accent", "windows", "200 characters", "longer", "longer too"],
)
def test_transcript_directories_are_named_in_utf_16_units_and_cut_at_200(path: str, name: str) -> None:
    assert slug(path) == name
    assert start_directory(f"{path}/sub" if path[0] == "/" else f"{path}\\sub", name) == path


@pytest.mark.parametrize("name", ["C--Users-dev-shop", "c--Users-dev-shop"])
@pytest.mark.parametrize("cwd", [r"C:\Users\dev\shop\web", r"c:\Users\dev\shop", "c:/Users/dev/shop/web"])
def test_the_drive_letter_may_be_in_either_case(name: str, cwd: str) -> None:
    assert repository(start_directory(cwd, name)) == r"C:\Users\dev\shop"
    assert is_named_after(name, r"C:\Users\dev\shop")


def test_windows_transcripts_are_found_too() -> None:
    transcript = r"C:\Users\dev\.claude\projects\C--Users-dev-shop\s-1.jsonl"
    assert project_of("", r"c:\Users\dev\shop\web", transcript) == certain(r"C:\Users\dev\shop")


def test_a_project_may_be_called_by_more_and_more_of_its_parents() -> None:
    assert names("/home/acme/backend") == ["backend", "acme/backend", "home/acme/backend"]
    assert names(r"C:\dev\shop") == ["shop", "dev/shop", "C:/dev/shop"]
    assert names("/") == ["/"]


@pytest.mark.parametrize("text", ["", "/", ".", "\0", "\n", "..", "//", "\\", "\udc90", "a" * 100_000, "c:", "C:/"])
def test_any_text_may_be_a_directory(text: str) -> None:
    for arguments in ((text, "", ""), ("", text, ""), ("", "/a/b", text), (text, text, text)):
        path = project_of(*arguments).path
        assert all(isinstance(name, str) for name in (path, *names(path)))
