from __future__ import annotations

from pathlib import Path

import pytest

from exporter.sources.named_transcripts import project_directory

SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"


def existing(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return str(path)


def test_a_transcript_of_a_session_gives_the_directory_of_its_project(tmp_path: Path) -> None:
    named = existing(tmp_path / "projects" / "-home-dev-shop" / f"{SESSION}.jsonl")
    assert project_directory(named) == str(tmp_path / "projects" / "-home-dev-shop")


@pytest.mark.parametrize(
    "path",
    [
        f"{SESSION}.jsonl",
        f"other/-home-dev-shop/{SESSION}.jsonl",
        f"projects/{SESSION}.jsonl",
        f"projects/-home-dev-shop/subagents/{SESSION}.jsonl",
        "projects/-home-dev-shop/x.jsonl",
        f"projects/-home-dev-shop/{SESSION}.json",
        f"projects/-home-dev-shop/{SESSION}x.jsonl",
    ],
)
def test_any_other_file_gives_none(tmp_path: Path, path: str) -> None:
    assert project_directory(existing(tmp_path / path)) == ""


@pytest.mark.parametrize(
    "name",
    [
        "projects/-home-dev-shop/1f63ea0a-88b2-40e5-8936-c044dfb71b72.jsonl",
        f"projects/-home-dev-shop/../-home-dev-shop/{SESSION}.jsonl",
        f"projects//-home-dev-shop/{SESSION}.jsonl",
        f"projects/-home\0dev-shop/{SESSION}.jsonl",
        f"projects/-home-dev-shop/{SESSION}.jsonl\0",
        "projects/-home-dev-shop",
    ],
)
def test_a_path_that_does_not_exist_or_is_not_plain_gives_none(tmp_path: Path, name: str) -> None:
    existing(tmp_path / "projects" / "-home-dev-shop" / f"{SESSION}.jsonl")
    assert project_directory(f"{tmp_path}/{name}") == ""


@pytest.mark.parametrize("path", ["", f"projects/-home-dev-shop/{SESSION}.jsonl", f"/{SESSION}.jsonl", "\ud800"])
def test_a_path_that_is_not_absolute_gives_none(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    existing(tmp_path / "projects" / "-home-dev-shop" / f"{SESSION}.jsonl")
    monkeypatch.chdir(tmp_path)
    assert project_directory(path) == ""
