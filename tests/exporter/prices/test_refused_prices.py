"""An invalid price file is refused with one sentence, which names it and what to fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.prices.table import PriceFileError, load_prices


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "prices.json"


def refusal(path: Path, content: bytes) -> str:
    """The error about a file, without its name."""
    path.write_bytes(content)
    with pytest.raises(PriceFileError) as refused:
        load_prices(path)
    text = str(refused.value)
    assert text.startswith(str(path))
    assert text.endswith(".")
    assert "\n" not in text
    return text.removeprefix(str(path))


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        ("0.123456", "0.123456 has more than 5 decimal places"),
        ("0.30000000000000001", "0.30000000000000001 has more than 5 decimal places"),
        ("1e-400", "1E-400 has more than 5 decimal places"),
        ("-1", "invalid price -1"),
        ("-0.00001", "invalid price -0.00001"),
        ("1000000.00001", "invalid price 1000000.00001"),
        ("1e400", "invalid price 1E+400"),
        ('"NaN"', "invalid price NaN"),
        ('"Infinity"', "invalid price Infinity"),
    ],
)
@pytest.mark.parametrize("kind", ["input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "web_search"])
def test_an_invalid_price_is_refused_with_its_model(path: Path, kind: str, rate: str, message: str) -> None:
    given = {"input": "1", "output": "1", kind: rate}
    content = ",".join(f'"{each}":{value}' for each, value in given.items())
    expected = f": glm: {message}; use US dollars per million tokens."
    assert refusal(path, f'{{"models":{{"glm":{{{content}}}}}}}'.encode()) == expected


@pytest.mark.parametrize(
    ("multiplier", "message"),
    [
        ("0", "invalid multiplier 0"),
        ("-0.5", "invalid multiplier -0.5"),
        ("10.1", "invalid multiplier 10.1"),
        ("85e400", "invalid multiplier 8.5E+401"),
        ('"NaN"', "invalid multiplier NaN"),
        ("0.0000000001", "multiplier 1E-10 has more than 9 decimal places"),
    ],
)
def test_an_invalid_multiplier_is_refused(path: Path, multiplier: str, message: str) -> None:
    text = refusal(path, f'{{"multiplier":{multiplier},"models":{{}}}}'.encode())
    assert text == f": {message}; use a number above 0, at most 10."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"models":{"glm":{"input":1}}}', "missing required field `output`"),
        (b'{"models":{"glm":{"output":1}}}', "missing required field `input`"),
        (b'{"models":{"glm":{"input":true,"output":1}}}', "got `bool`"),
        (b'{"models":{"glm":{"input":null,"output":1}}}', "got `null`"),
        (b'{"models":{"glm":{"input":"three","output":1}}}', "Invalid decimal string - at `$.models[...].input`"),
        (b'{"models":{"glm":{"input":"$3","output":1}}}', "Invalid decimal string"),
        (b'{"models":{"glm":{"input":NaN,"output":1}}}', "JSON is malformed"),
        (b'{"models":{"glm":{"input":1,"output":1,"cached":1}}}', "unknown field `cached`"),
        (b'{"models":{"glm":3}}', "got `int`"),
        (b'{"models":{},"currency":"EUR"}', "unknown field `currency`"),
        (b'{"glm":{"input":1,"output":1}}', "unknown field `glm`"),
        (b"{}", "it has neither `models` nor `multiplier`"),
        (b'{"multiplier":true}', "got `bool`"),
        (b"[]", "got `array`"),
        (b"", "truncated"),
        (b"glm: 3", "JSON is malformed"),
        (b'{"models":{"gl\xff":{"input":1,"output":1}}}', "'utf-8' codec can't decode byte 0xff"),
        ('{"models":{}}'.encode("utf-16"), "JSON is malformed"),
        (b'{"models":' + b'{"a":' * 100_000, "is not a price file"),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else None,
)
def test_a_file_with_another_structure_is_refused(path: Path, content: bytes, message: str) -> None:
    text = refusal(path, content)
    assert text.startswith(" is not a price file (")
    assert text.endswith("); docs/costs.md shows one.")
    assert message in text


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "missing.json", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(PriceFileError) as refused:
            load_prices(path)
        assert str(refused.value) == f"{path} cannot be read ({reason}); choose a price file with --prices."
