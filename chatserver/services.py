"""The services of the server, opened once, for all views and hooks."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from chatserver.accounts.attempts import Attempts
from chatserver.accounts.tokens import Tokens
from chatserver.accounts.users import Users
from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.chat.events import Conversations
from chatserver.chat.history import Chats
from chatserver.chat.hub import ChatHub
from chatserver.commands import CommandHandler
from chatserver.live.broadcast import Broadcaster
from chatserver.live.live_metrics import LiveMetrics
from chatserver.live.search_index import SearchIndex
from chatserver.live.session_logs import SessionLogs
from chatserver.monitoring.server_metrics import ServerMetrics
from chatserver.settings import ServerSettings
from chatserver.storage.database import Database, open_database
from chatserver.tasks.factory import open_tasks
from chatserver.tasks.manager import TaskManager
from chatserver.tasks.metrics import TaskMetrics
from chatserver.tasks.pool import TaskPool
from chatserver.threads.offload import offload
from chatserver.web.built_files import PageFiles, page_files
from chatserver.web.origins import Origins, allowed_origins
from exporter.hooks_reader import HooksReader
from exporter.metrics import MetricsAggregator
from exporter.prices.table import load_prices
from exporter.settings import Settings
from exporter.snapshot.errors_of_range import ErrorsOfRange
from exporter.snapshot.figure_history import FigureHistory
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import LiveSpending
from exporter.snapshot.remembered import RememberedSessions
from exporter.snapshot.session_history import SessionHistory
from exporter.snapshot.uncounted import UncountedSessions
from exporter.snapshot.waits_of_range import SessionReader, WaitsOfRange
from exporter.terminal.messages import warn

EXTENSION = "hookmeter"


@dataclass(frozen=True, slots=True)
class Services:
    """All services of the server. Nothing runs before `start`; `close` ends everything."""

    settings: ServerSettings
    origins: Origins
    page_files: PageFiles
    database: Database
    users: Users
    tokens: Tokens
    attempts: Attempts
    manager: TaskManager
    pool: TaskPool
    hooks_reader: SessionLogs
    remembered: RememberedSessions
    history: SessionHistory
    figure_history: FigureHistory
    errors: ErrorsOfRange
    waits: WaitsOfRange
    search_index: SearchIndex
    aggregator: MetricsAggregator
    live: LiveMetrics
    commands: CommandHandler
    chats: Chats
    hub: ChatHub
    metrics: ServerMetrics
    closing: ExitStack

    def start(self) -> None:
        """Start to run tasks, and to send their updates."""
        self.closing.callback(self.pool.stop)
        self.pool.start()
        self.closing.callback(self.hub.close)
        self.hub.start()
        self.closing.callback(self.live.close)

    def close(self) -> None:
        """End streams, sockets and tasks, in this order, and close the database."""
        self.closing.close()


def open_services(settings: ServerSettings) -> Services:
    """The services of these settings. Raises DatabaseError, PriceFileError."""
    with ExitStack() as stack:
        database = stack.enter_context(open_database(settings.database_url))
        manager, pool = open_tasks(database, settings)
        tokens, chats = Tokens(database, settings), Chats(database)
        search_index = SearchIndex(settings)
        stack.callback(search_index.close)
        roots = settings.exporter.transcript_roots
        hooks_reader = SessionLogs(HooksReader(*_roots(settings.exporter), transcript_roots=roots))
        aggregator = _aggregator(settings.exporter, manager, hooks_reader)
        commands = CommandHandler(manager, aggregator, aggregator.get_metrics)
        hub = ChatHub(chats, tokens, manager, Conversations(chats, manager, commands))
        broadcaster = Broadcaster()
        return Services(
            settings=settings,
            origins=allowed_origins(settings.listen.host, settings.hosts, settings.origins),
            page_files=page_files(production=settings.production),
            database=database,
            users=Users(database),
            tokens=tokens,
            attempts=Attempts(),
            manager=manager,
            pool=pool,
            hooks_reader=hooks_reader,
            remembered=RememberedSessions(settings.exporter.data_dir),
            history=SessionHistory(settings.exporter.data_dir),
            figure_history=FigureHistory(settings.exporter.data_dir),
            errors=ErrorsOfRange(hooks_reader.get_session_calls),
            waits=WaitsOfRange(SessionReader(hooks_reader.get_session_calls, hooks_reader.get_session_events)),
            search_index=search_index,
            aggregator=aggregator,
            live=LiveMetrics(aggregator, broadcaster, sessions_of=manager.session_uuids),
            commands=commands,
            chats=chats,
            hub=hub,
            metrics=ServerMetrics(
                broadcaster, lambda: hub.count, TaskMetrics(database, pool, settings.exporter.label_values)
            ),
            closing=stack.pop_all(),
        )


def services() -> Services:
    """The services of the app that answers the current request."""
    return services_of(current_app)


def services_of(app: Flask) -> Services:
    """The services of an app."""
    found: Services = app.extensions[EXTENSION]
    return found


def _aggregator(exporter: Settings, manager: TaskManager, hooks_reader: SessionLogs) -> MetricsAggregator:
    prices = load_prices(exporter.prices_file, exporter.managed_settings)
    for warning in prices.warnings:
        warn(warning)
    spending = LiveSpending(exporter.data_dir, exporter.transcript_roots, prices=prices, budgets=exporter.budgets)
    roots = exporter.transcript_roots
    uncounted = UncountedSessions(exporter.data_dir, HooksReader(*_roots(exporter), transcript_roots=roots))
    tracker = LiveSessions(*_roots(exporter), transcript_roots=roots, uncounted=uncounted)
    return MetricsAggregator(manager, tracker, hooks_reader, everyone=LOCAL_ADMIN, spending=spending, offload=offload)


def _roots(exporter: Settings) -> tuple[Path, tuple[Path, ...]]:
    first, *others = exporter.sessions_dirs
    return first, tuple(others)
