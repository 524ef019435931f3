from pathlib import Path

import pytest

from tests.exporter.search.indexed import Indexed


@pytest.fixture
def indexed(tmp_path: Path) -> Indexed:
    return Indexed(tmp_path)
