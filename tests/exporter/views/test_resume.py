"""The command that resumes a session, and when there is none."""

from __future__ import annotations

import shlex

import pytest

from exporter.views.resume import resume_command

UUID = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"


def test_it_resumes_in_the_directory_and_with_the_profile() -> None:
    assert resume_command(UUID, "/home/dev/shop", "/home/dev/.claude") == f"cd /home/dev/shop && claude --resume {UUID}"
    other = resume_command(UUID, "/home/dev/shop", "/home/dev/my profile")
    assert other == f"cd /home/dev/shop && CLAUDE_CONFIG_DIR='/home/dev/my profile' claude --resume {UUID}"


@pytest.mark.parametrize("directory", ["/a b", "/it's", "/$(id)", "/a;b", "/`id`", "/ü"])
def test_a_shell_takes_the_directory_for_one_word(directory: str) -> None:
    words = shlex.split(resume_command(UUID, directory, ""))
    assert words == ["cd", directory, "&&", "claude", "--resume", UUID]


@pytest.mark.parametrize(
    ("session", "directory"),
    [
        (UUID, ""),
        ("--dangerously-skip-permissions", "/a"),
        ("latest", "/a"),
        (f"{UUID}\n", "/a"),
        (UUID, "/a\x1b[201~\nid"),
        (UUID, "/ghp_0123456789abcdefghijABCDEFGHIJ012345"),
    ],
)
def test_nothing_is_offered_that_is_unknown_or_not_safe_to_paste(session: str, directory: str) -> None:
    assert resume_command(session, directory, "") == ""
