"""The services of the server, as its settings describe them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chatserver.services import open_services
from tests.chatserver.world import made_settings


def test_invalid_prices_of_the_organization_cost_one_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "managed-settings.json"
    file.write_text("{")
    settings = made_settings(tmp_path)
    with closing(open_services(replace(settings, exporter=replace(settings.exporter, managed_settings=file)))):
        (warning,) = capsys.readouterr().err.splitlines()
    assert warning.startswith(f"hookmeter: {file} is not a JSON object")
