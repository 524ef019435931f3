import pytest

from exporter.sources.projects import project_name


def test_the_directory_in_which_claude_was_started_takes_precedence() -> None:
    assert project_name("/home/dev/shop", "/home/dev/shop/web", "") == "shop"


def test_otherwise_the_working_directory_names_the_project() -> None:
    assert project_name("", "/home/dev/shop", "") == "shop"


def test_the_project_is_the_parent_of_the_working_directory_that_the_transcript_is_named_after() -> None:
    transcript = "/home/dev/.claude/projects/-home-dev-my-shop-v2/s-1.jsonl"
    assert project_name("", "/home/dev/my.shop_v2/web/src", transcript) == "my.shop_v2"


def test_a_transcript_of_another_directory_changes_nothing() -> None:
    assert project_name("", "/tmp/elsewhere", "/home/dev/.claude/projects/-home-dev-shop/s-1.jsonl") == "elsewhere"


@pytest.mark.parametrize(("directory", "name"), [(r"C:\Users\dev\shop", "shop"), ("C:/Users/dev/shop", "shop")])
def test_windows_paths_are_read_too(directory: str, name: str) -> None:
    assert project_name(directory, "", "") == name


def test_a_windows_slug_finds_its_directory() -> None:
    transcript = r"C:\Users\dev\.claude\projects\C--Users-dev-shop\s-1.jsonl"
    assert project_name("", r"C:\Users\dev\shop\web", transcript) == "shop"


@pytest.mark.parametrize("text", ["", "/", ".", "\0", "\n", "..", "//", "\\", "\udc90", "a" * 100_000])
def test_any_text_as_a_directory_gives_a_name(text: str) -> None:
    for arguments in ((text, "", ""), ("", text, ""), ("", "/a/b", text), (text, text, text)):
        assert isinstance(project_name(*arguments), str)


def test_a_line_without_a_directory_has_no_project() -> None:
    assert project_name("", "", "/home/dev/.claude/projects/-home-dev-shop/s-1.jsonl") == ""
