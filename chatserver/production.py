"""The server's process: gunicorn, with one worker in which gevent's greenlets answer everybody.

python -P -m chatserver.production DESCRIPTOR [WORD…], with the listening socket and the words of `hookmeter server`.
The worker patches the standard library before it loads anything of ours, so nothing is imported here that it would
have to patch.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any

import gevent
from gunicorn.app.base import BaseApplication

GRACE_SECONDS = 10
CONFIG = {
    "worker_class": "gevent",
    "workers": 1,  # of one process' memory are the streams, the sockets and the pool of tasks
    "worker_connections": 20_000,
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
        self.cfg.set("bind", f"fd://{self._descriptor}")
        self.cfg.set("post_worker_init", self._end_cleanly_on_sigterm)

    def load(self) -> Any:
        """The app, with its services at work; called in the worker."""
        from chatserver.options import settings_from_words  # noqa: PLC0415 - see above
        from chatserver.server import create_app, services_of  # noqa: PLC0415

        app = create_app(settings_from_words(self._words))
        services = services_of(app)
        services.start()
        self._close = services.close
        return app

    def _end_cleanly_on_sigterm(self, _worker: object) -> None:
        """Say goodbye to streams and sockets, and end tasks; gunicorn alone would wait for them all its grace."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, self._ending(signal.getsignal(number)))

    def _ending(self, gunicorns: Any) -> Any:
        def end(number: int, frame: FrameType | None) -> None:
            gevent.spawn(self._end, gunicorns, number, frame)

        return end

    def _end(self, gunicorns: Any, number: int, frame: FrameType | None) -> None:
        close, self._close = self._close, None
        if close:
            close()
            gunicorns(number, frame)


if __name__ == "__main__":
    Production(sys.argv[1], sys.argv[2:]).run()
