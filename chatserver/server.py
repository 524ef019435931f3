"""The server as a Flask app: `hookmeter server` serves it, and in development `flask --app chatserver.server run`."""

from __future__ import annotations

import atexit
import signal
import sys
import threading

import click
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chatserver.api import auth, metrics, pages, server_metrics
from chatserver.api import socket_io as route
from chatserver.api.chats import chats
from chatserver.api.commands import commands
from chatserver.api.health import health
from chatserver.api.openapi import openapi
from chatserver.api.server_metrics import LoginResult
from chatserver.api.sessions import sessions
from chatserver.api.tasks import tasks
from chatserver.options import settings_from_environment
from chatserver.services import EXTENSION, Services, open_services
from chatserver.settings import ServerSettings
from chatserver.storage.database import DatabaseError
from chatserver.web import errors, gate, headers
from chatserver.web.origins import origins_of
from exporter.prices.table import PriceFileError
from exporter.web.listen import CannotListenError, ListenAddress, open_listener

MOST_BODY_BYTES = 1 << 20
BLUEPRINTS = (tasks, sessions, commands, chats, health, openapi)
LOGINS = {"success": LoginResult.SUCCESS, "refused": LoginResult.FAILURE, "limited": LoginResult.LIMITED}


def create_app(settings: ServerSettings | None = None) -> Flask:
    """The app of these settings, whose services are yet to be started.

    Without settings they are the environment's, for `flask run`, and the services run until the process ends.
    """
    if settings is None:
        return _development_app()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.extensions[EXTENSION] = found = open_services(settings)
    origins = origins_of(settings)
    errors.install(app)
    server_metrics.install(app, found.metrics)
    gate.install(app, settings, found.tokens, origins)
    headers.install(app, origins)
    auth.install(app, settings, found.users, found.tokens, lambda result: found.metrics.count_login(LOGINS[result]))
    metrics.install(app, found.live, found.tokens)
    route.install(app)
    pages.install(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign] # as Flask's manual has it
    return app


def services_of(app: Flask) -> Services:
    """What an app works with, to be started and closed."""
    found: Services = app.extensions[EXTENSION]
    return found


def _development_app() -> Flask:
    address = _address_of_flask_run()
    try:
        if address:
            open_listener(address).close()  # the tasks of a server that is there already are not this one's
        app = create_app(settings_from_environment(address))
    except (CannotListenError, DatabaseError, PriceFileError) as error:
        raise click.ClickException(str(error)) from error
    services = services_of(app)
    atexit.register(services.close)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that what is registered is done
    services.start()
    return app


def _address_of_flask_run() -> ListenAddress | None:
    """Where `flask run` is about to listen, which is what matters then."""
    context = click.get_current_context(silent=True)
    if context is None or context.info_name != "run":
        return None
    return ListenAddress(context.params["host"], context.params["port"])
