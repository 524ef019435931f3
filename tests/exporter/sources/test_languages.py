from __future__ import annotations

import pytest

from exporter.sources.languages import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/w/a.py", "python"), ("C:\\w\\A.TSX", "typescript"), ("a.test.js", "javascript"), ("", "other"),
        ("/w/Dockerfile", "docker"), ("/w/Makefile", "make"), ("/w.py/LICENSE", "other"), ("/w/.gitignore", "other"),
        ("a.", "other"),
    ],
)  # fmt: skip
def test_the_name_of_a_file_tells_its_language(path: str, language: str) -> None:
    assert language_of(path) == language


def test_languages_are_few() -> None:
    assert len(LANGUAGES) == len(set(LANGUAGES)) < 50
