from pathlib import Path

import pytest

from exporter.web.config.rate_limit import parse_duration
from tests.exporter.web.client import get
from tests.exporter.web.conftest import Serve


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("1m30s", 90), ("500ms", 0.5), ("1.5h", 5400), (".5s", 0.5), ("0", 0), (2_000_000_000, 2)],
)
def test_durations_are_in_the_format_of_go(text: str | int, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "1", "s", "1 s", "-1s", "1d", "soon"])
def test_an_invalid_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid duration"):
        parse_duration(text)


def test_requests_beyond_the_rate_are_refused(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text("rate_limit: {interval: 1h, burst: 2}")
    server = serve(config=path)
    assert [get(server).status for _ in range(3)] == [200, 200, 429]


def test_no_interval_means_no_limit(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text("rate_limit: {interval: 0s, burst: 1}")
    server = serve(config=path)
    assert [get(server).status for _ in range(3)] == [200, 200, 200]
