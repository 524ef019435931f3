"""The exporter process: ledger, meter, service and web server, from start to clean shutdown."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

from exporter.ingest.meter import Meter
from exporter.ingest.old_logs import OldLogs
from exporter.ledger.opening import open_ledger
from exporter.model.log import logger
from exporter.model.old_logs import Handled
from exporter.prices.table import load_prices
from exporter.search.index_file import index_path
from exporter.serving.log_keeper import LogKeeper
from exporter.serving.search_process import SearchProcess
from exporter.serving.service import Service
from exporter.serving.stopping import STOP_SIGNALS
from exporter.settings import Settings
from exporter.sources.files import absolute
from exporter.terminal.messages import say, warn
from exporter.web.config.web_config_file import WebConfigFile
from exporter.web.http.server import MetricsServer

log = logger(__name__)


def run_exporter(settings: Settings) -> None:
    """Serve the metrics until SIGTERM or SIGINT.

    Raises LedgerError, CannotListenError or WebConfigError if it cannot start.
    """
    with exporter(settings) as (server, service):
        _stop_on_signal(server)
        scheme = "https" if settings.web_config and WebConfigFile(settings.web_config).current_tls() else "http"
        say(f"hookmeter serves {scheme}://{server.address}/metrics")
        for root in (*absolute(settings.sessions_dirs), *filter(os.path.isdir, settings.transcript_roots)):
            say(f"  reading {root}")
        threading.Thread(target=_announce, args=(service,), daemon=True).start()
        server.serve_forever()


@contextmanager
def exporter(settings: Settings) -> Iterator[tuple[MetricsServer, Service]]:
    """A started service and a bound server that does not serve yet; both are stopped with the context."""
    with ExitStack() as stack:
        prices = load_prices(settings.prices_file, settings.managed_settings)
        for warning in prices.warnings:
            warn(warning)
        ledger = stack.enter_context(open_ledger(settings.data_dir, settings.label_values))
        meter = Meter(
            absolute(settings.sessions_dirs),
            ledger,
            transcript_roots=settings.transcript_roots,
            prices=prices,
            budgets=settings.budgets,
        )
        service = Service(meter, _indexing(settings, stack))
        web_config = WebConfigFile(settings.web_config) if settings.web_config else None
        server = MetricsServer(service, settings.listen, web_config, hosts=settings.hosts)
        stack.callback(service.stop)
        service.start()
        if settings.keep_logs_seconds:
            meter.old_logs.update(dict.fromkeys(Handled, 0))
            lent, prune = service.between_readings, settings.prune_logs
            keeper = LogKeeper(service, OldLogs(lent, settings.keep_logs_seconds, prune=prune))
            stack.callback(keeper.stop)
            keeper.start()
        yield server, service


def _indexing(settings: Settings, stack: ExitStack) -> Callable[[], None]:
    """What wakes the process that keeps the search index, which ends with the stack."""
    if settings.no_search:
        if (path := index_path(settings.data_dir)).exists():
            warn(f"search is switched off, but what was indexed before is still in {path}; delete it if you want")
        return lambda: None
    process = SearchProcess(settings, settings.keep_search_seconds)
    stack.callback(process.stop)
    return process.wake


def _announce(service: Service) -> None:
    if service.wait_until_ready():
        with suppress(OSError):  # it goes on where nobody reads its output any more
            say("  all existing logs are counted; new lines are counted as they are written")


def _stop_on_signal(server: MetricsServer) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.stop()

    for number in STOP_SIGNALS:
        signal.signal(number, stop)
