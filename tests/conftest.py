"""What all tests share: --no-skips, and real programs where they are installed."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import LiveSpending
from tests.support.engines import Engine, engines, program_of

WITH_WORLD = ("/test_live.py", "/test_grafana_library.py")  # they need a synthetic world on one engine
WITH_ACCOUNT = "/e2e/test_task_user.py"  # its tasks run as one account, whose temporary directories it removes


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failed one")
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


def pytest_configure() -> None:
    # On a busy machine an example may take any time; and the working directory may be read-only.
    settings.register_profile("hookmeter", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("hookmeter")
    # So may the reading of a few files: a test of what is read has all of it in one step.
    for reader in (LiveSessions, LiveSpending):
        reader.refresh.__defaults__ = (60.0,)
    # A shell starts background jobs with SIGINT ignored, and every process that a test starts would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_directories(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what the account that runs it has; a `Home` has directories of its own."""
    for name in ("XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp() / "account" / name))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Distribute single tests, but keep those together that share what is slow to start, or exists once."""
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = _scope_of
    return scheduler


def _scope_of(test: str) -> str:
    file, _, name = test.partition("::")
    if file.endswith(WITH_WORLD):
        return f"{file} {name.rpartition('[')[2]}"  # its engine
    return file if file.endswith(WITH_ACCOUNT) else test


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.skipped and item.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --no-skips forbids: {report.longrepr}"
    return report


@pytest.fixture(scope="session", params=engines("prometheus"))
def of_prometheus(request: pytest.FixtureRequest) -> str:
    """A version of Prometheus, such as prometheus-3.16.0."""
    return str(request.param)


@pytest.fixture(scope="session")
def promtool(of_prometheus: str) -> str:
    return program_of(of_prometheus, "promtool")


@pytest.fixture(scope="session")
def prometheus(of_prometheus: str) -> str:
    return program_of(of_prometheus, "prometheus")


@pytest.fixture(scope="session", params=engines("prometheus", "victoriametrics"))
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database that boards and alerts may query."""
    return Engine(request.param)


@pytest.fixture(scope="session", params=engines("victoriametrics"))
def of_victoriametrics(request: pytest.FixtureRequest) -> str:
    """A version of VictoriaMetrics, vmalert and vmalert-tool."""
    return str(request.param)


@pytest.fixture(scope="session")
def vmalert(of_victoriametrics: str) -> str:
    return program_of(of_victoriametrics, "vmalert")


@pytest.fixture(scope="session")
def vmalert_tool(of_victoriametrics: str) -> str:
    return program_of(of_victoriametrics, "vmalert-tool")


@pytest.fixture(scope="session", params=engines("alertmanager"))
def of_alertmanager(request: pytest.FixtureRequest) -> str:
    """A version of Alertmanager."""
    return str(request.param)


@pytest.fixture(scope="session")
def alertmanager(of_alertmanager: str) -> str:
    return program_of(of_alertmanager, "alertmanager")


@pytest.fixture(scope="session")
def amtool(of_alertmanager: str) -> str:
    return program_of(of_alertmanager, "amtool")


def program(name: str) -> str:
    """The path of an installed program; the test is skipped where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
