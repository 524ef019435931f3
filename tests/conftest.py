"""What all tests share: --no-skips, and real programs where they are installed."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failed one")
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


def pytest_configure() -> None:
    # On a busy machine an example may take any time; and the working directory may be read-only.
    settings.register_profile("hookmeter", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("hookmeter")
    # A shell starts background jobs with SIGINT ignored, and every process that a test starts would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.skipped and item.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --no-skips forbids: {report.longrepr}"
    return report


def program(name: str) -> str:
    """Where a program is installed; the test is skipped where it is not."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def promtool() -> str:
    return program("promtool")


@pytest.fixture
def prometheus() -> str:
    return program("prometheus")
