"""The server's process: gunicorn, with one worker in which gevent's greenlets answer everybody.

python -P -m chatserver.process.gunicorn_app DESCRIPTOR [WORD…] takes the listening socket and the words of
`hookmeter server`. The worker patches the standard library before it loads anything of ours, so nothing is imported
here that it would have to patch.
"""

from __future__ import annotations

import resource
import signal
import sys
from types import FrameType
from typing import Any

import gevent
from gunicorn.app.base import BaseApplication

GRACE_SECONDS = 10
LAST_SECONDS = 3  # for the requests that are being answered, once all else has ended
CONNECTIONS = 20_000
OWN_DESCRIPTORS = 200  # for the database, logs, and what tasks are started with
CONFIG = {
    "worker_class": "chatserver.process.worker.Worker",
    "workers": 1,  # of one process' memory are the streams, the sockets and the pool of tasks
    "graceful_timeout": GRACE_SECONDS,
    "timeout": 60,
    "keepalive": 75,  # longer than the proxies that keep connections to it
    "control_socket_disable": True,
    "loglevel": "warning",
    "secure_scheme_headers": {},  # whom to believe is --proxies' to say
    "forwarder_headers": "",
    "proc_name": "hookmeter server",
}


class Production(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn, told by this program instead of by its own command line."""

    def __init__(self, descriptor: str, words: list[str]) -> None:
        self._descriptor = descriptor
        self._words = words
        self._close: Any = None
        super().__init__()

    def load_config(self) -> None:
        """Set what is not gunicorn's default."""
        for name, value in CONFIG.items():
            self.cfg.set(name, value)
        self.cfg.set("worker_connections", _connections())
        self.cfg.set("bind", f"fd://{self._descriptor}")
        self.cfg.set("post_worker_init", self._end_cleanly_on_sigterm)

    def load(self) -> Any:
        """The app, with its services at work; called in the worker."""
        from chatserver.options import settings_from_arguments  # noqa: PLC0415 - see above
        from chatserver.server import create_app  # noqa: PLC0415
        from chatserver.services import services_of  # noqa: PLC0415

        app = create_app(settings_from_arguments(self._words))
        services = services_of(app)
        services.start()
        self._close = services.close
        return app

    def _end_cleanly_on_sigterm(self, worker: Any) -> None:
        """Say goodbye to streams and sockets, and end tasks; gunicorn alone would wait for them all its grace."""
        worker.cfg.set("graceful_timeout", LAST_SECONDS)  # its own: the other process waits longer until it kills
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
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


def _connections() -> int:
    """How many this process may have, which is first allowed all the descriptors that it needs and the system gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OWN_DESCRIPTORS
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(1, most - OWN_DESCRIPTORS)


if __name__ == "__main__":
    Production(sys.argv[1], sys.argv[2:]).run()
