"""The server's process: gunicorn with one gevent worker.

python -P -m chatserver.process.gunicorn_app DESCRIPTOR [ARGUMENT…] takes the listening socket and the arguments of
`hookmeter server`. The worker patches the standard library before it imports the app, so this module imports nothing
that uses what is patched.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from types import FrameType
from typing import Any

import gevent
from gunicorn.app.base import BaseApplication

from chatserver.accounts.key_handover import leave_key, take_key
from exporter.serving.inspection import forbid_inspection

GRACE_SECONDS = 10
REQUEST_GRACE_SECONDS = 3  # for open requests, after the services have ended
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
MAX_CONNECTIONS = 20_000
SWITCH_SECONDS = 0.0005  # after which a thread that reads logs lets the event loop go on; by default ten times as long
OWN_DESCRIPTORS = 200  # for the database, logs, and the pipes of tasks
CONFIG = {
    "worker_class": "chatserver.process.worker.Worker",
    "workers": 1,  # streams, sockets and the task pool share the memory of one process
    "graceful_timeout": GRACE_SECONDS,
    "timeout": 60,
    "keepalive": 75,  # longer than the idle timeout of proxies
    "control_socket_disable": True,
    "loglevel": "warning",
    "logger_class": "chatserver.process.gunicorn_log.GunicornLog",
    "secure_scheme_headers": {},  # --proxies decides which headers are trusted
    "forwarder_headers": "",
    "proc_name": "hookmeter server",
}


class Production(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn, configured here instead of by its own command line."""

    def __init__(self, descriptor: str, arguments: list[str]) -> None:
        self._descriptor = descriptor
        self._arguments = arguments
        self._close: Any = None
        self._key = take_key()  # for each worker that is started
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        for name, value in CONFIG.items():
            self.cfg.set(name, value)
        self.cfg.set("worker_connections", _connections())
        self.cfg.set("bind", f"fd://{self._descriptor}")
        self.cfg.set("post_worker_init", self._install_signal_handlers)

    def load(self) -> Any:
        """Create the app and start its services, in the worker."""
        from chatserver.options import settings_from_arguments  # noqa: PLC0415 - see above
        from chatserver.server import create_app  # noqa: PLC0415
        from chatserver.services import services_of  # noqa: PLC0415
        from exporter.model.log import log_to_stderr  # noqa: PLC0415
        from exporter.terminal.uncaught_errors import print_uncaught_errors  # noqa: PLC0415

        sys.setswitchinterval(SWITCH_SECONDS)
        print_uncaught_errors()
        log_to_stderr()
        if self._key is not None:
            leave_key(self._key)
        app = create_app(settings_from_arguments(self._arguments))
        services = services_of(app)
        services.start()
        self._close = services.close
        return app

    def _install_signal_handlers(self, worker: Any) -> None:
        """Close the services on a signal; gunicorn alone would wait for streams and sockets until its timeout."""
        worker.cfg.set(
            "graceful_timeout", REQUEST_GRACE_SECONDS
        )  # of the worker only: the parent process waits longer before it kills
        for number in ENDING:
            signal.signal(number, self._ending(signal.getsignal(number), worker))

    def _ending(self, gunicorns: Any, worker: Any) -> Any:
        def end(number: int, frame: FrameType | None) -> None:
            gevent.spawn(self._end, gunicorns, worker, number, frame)

        return end

    def _end(self, gunicorns: Any, worker: Any, number: int, frame: FrameType | None) -> None:
        close, self._close = self._close, None
        if close:
            close()
            gunicorns(number, frame)
            worker.end_idle()


def _heed_signals_while_starting() -> None:
    """Have a signal end a worker that is starting.

    It inherits the handlers of gunicorn's parent process, which would lose the signal: the parent would wait for the
    worker until it kills it.
    """

    def default_handlers() -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ENDING),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING),
        after_in_child=default_handlers,
    )


def _connections() -> int:
    """Raise the limit of file descriptors as far as needed and possible, and return how many are for connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OWN_DESCRIPTORS
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return max(1, limit - OWN_DESCRIPTORS)


if __name__ == "__main__":
    forbid_inspection()
    _heed_signals_while_starting()
    Production(sys.argv[1], sys.argv[2:]).run()
