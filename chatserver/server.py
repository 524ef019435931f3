"""The server as a Flask app, for `hookmeter server`, and in development for `flask --app chatserver.server run`."""

from __future__ import annotations

import atexit
import signal
import sys
import threading

import click
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chatserver.api import server_metrics, socket_io
from chatserver.api.account import account
from chatserver.api.auth import auth
from chatserver.api.chats import chats
from chatserver.api.commands import commands
from chatserver.api.comparison import comparison
from chatserver.api.health import health
from chatserver.api.history import history
from chatserver.api.latest_errors import latest_errors
from chatserver.api.metrics import metrics
from chatserver.api.openapi import openapi
from chatserver.api.pages import pages
from chatserver.api.search import search
from chatserver.api.session_events import session_events
from chatserver.api.session_list import session_list
from chatserver.api.sessions import sessions
from chatserver.api.setup import setup
from chatserver.api.task_options import task_options
from chatserver.api.task_steps import task_steps
from chatserver.api.tasks import tasks
from chatserver.api.waits import waits
from chatserver.middleware import errors, gate, headers
from chatserver.options import settings_from_environment
from chatserver.services import EXTENSION, open_services, services_of
from chatserver.settings import ServerSettings
from chatserver.storage.database import DatabaseError
from chatserver.task_user import TaskUserError
from chatserver.tasks.isolation import check_isolation
from exporter.prices.table import PriceFileError
from exporter.serving.inspection import forbid_inspection
from exporter.web.listen import CannotListenError, open_listener
from exporter.web.listen_address import ListenAddress

MAX_BODY_BYTES = 1 << 20
HOOKS = (errors, server_metrics, gate, headers)  # around every view; those of server_metrics go first
BLUEPRINTS = (
    account,
    auth,
    chats,
    commands,
    comparison,
    health,
    latest_errors,
    metrics,
    openapi,
    pages,
    search,
    server_metrics.server_metrics,
    history,
    session_list,
    session_events,
    sessions,
    setup,
    socket_io.socket_io,
    task_options,
    task_steps,
    tasks,
    waits,
)


def create_app(settings: ServerSettings | None = None) -> Flask:
    """The app for these settings; its services are not started yet.

    Without settings, for `flask run`: the settings are those of the environment, and the services are started.
    """
    if settings is None:
        return _development_app()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions[EXTENSION] = open_services(settings)
    for module in HOOKS:
        module.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign] # as Flask's manual has it
    return app


def _development_app() -> Flask:
    forbid_inspection()
    address = _address_of_flask_run()
    try:
        if address:
            open_listener(address).close()  # fail before this server takes the tasks of one that listens there
        settings = settings_from_environment(address)
        check_isolation(settings)
        app = create_app(settings)
    except (CannotListenError, DatabaseError, PriceFileError, TaskUserError) as error:
        raise click.ClickException(str(error)) from error
    services = services_of(app)
    atexit.register(services.close)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that atexit functions run
    services.start()
    return app


def _address_of_flask_run() -> ListenAddress | None:
    """The address on which `flask run` is about to listen; None in other commands."""
    context = click.get_current_context(silent=True)
    if context is None or context.info_name != "run":
        return None
    return ListenAddress(context.params["host"], context.params["port"])
