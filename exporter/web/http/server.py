"""The HTTP server of the metrics: it accepts clients, none of which delays another."""

import asyncio
import concurrent.futures
import errno
import resource
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

from exporter.model.log import logger
from exporter.web.config.tls import is_client_allowed
from exporter.web.config.web_config_file import WebConfigFile
from exporter.web.config.web_config_format import WebConfigError
from exporter.web.hosts import AllowedHosts
from exporter.web.http.connection import Connection
from exporter.web.http.connections import OpenConnections
from exporter.web.http.limits import Limits
from exporter.web.http.responder import Responder
from exporter.web.http.site import Site
from exporter.web.http.streams import open_streams
from exporter.web.listen import bound_address, open_listener
from exporter.web.listen_address import ListenAddress

OUT_OF_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
ACCEPT_RETRY_SECONDS = 0.05

log = logger(__name__)


class MetricsServer:
    """Serves one site at one address, which is bound on construction. Raises CannotListenError."""

    def __init__(
        self,
        site: Site,
        listen: ListenAddress,
        web_config: WebConfigFile | None = None,
        limits: Limits | None = None,
        hosts: Sequence[str] = (),
    ) -> None:
        self._limits = limits or Limits()
        self._web_config = web_config
        self._responder = Responder(site, AllowedHosts(listen.host, hosts), web_config, self._limits.page)
        self._open = OpenConnections(_max_connections(self._limits.connections))
        self._stop: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._listener = open_listener(listen)
        self.address = bound_address(self._listener)

    @property
    def connections(self) -> int:
        """The number of connected clients."""
        return len(self._open)

    def serve_forever(self) -> None:
        """Serve until stop() is called."""
        asyncio.run(self._serve())

    def start_in_thread(self) -> threading.Thread:
        """Serve in a new thread, and return it."""
        thread = threading.Thread(target=self.serve_forever, name="web", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Stop soon. Safe to call before the start, more than once, and from any thread or signal handler."""
        with suppress(concurrent.futures.InvalidStateError):
            self._stop.set_result(None)

    async def _serve(self) -> None:
        accepting = asyncio.create_task(self._accept())
        try:
            await asyncio.wrap_future(self._stop)
        finally:
            accepting.cancel()
            await asyncio.wait({accepting})
            self._listener.close()
            await self._open.close_all(self._limits.stop)
            self._responder.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                await self._recover(error)
            else:
                self._start_serving(client)
                await asyncio.sleep(0)  # sock_accept does not yield while clients are queued

    async def _recover(self, error: OSError) -> None:
        """After a failed accept, close a client if resources were exhausted, else wait a moment."""
        shed = self._open.shed() if error.errno in OUT_OF_RESOURCES else None
        if shed:
            await asyncio.wait({shed})
        else:
            log.warning("cannot accept a connection (%s)", error.strerror)
            await asyncio.sleep(ACCEPT_RETRY_SECONDS)

    def _start_serving(self, client: socket.socket) -> None:
        task = asyncio.create_task(self._serve_client(client))
        task.add_done_callback(lambda _: client.close())
        self._open.add_client(task)

    async def _serve_client(self, client: socket.socket) -> None:
        try:
            connection = await self._connect(client)
            if connection is not None:
                await connection.serve(self._responder.respond, lambda: self._open.closing)
        except (OSError, WebConfigError) as error:
            log.debug("connection aborted: %s", error)
        except Exception:  # an error with one client must not affect the others
            log.exception("connection failed")

    async def _connect(self, client: socket.socket) -> Connection | None:
        """The connection after its handshake; None if the client's certificate is not allowed."""
        tls = self._web_config.current_tls() if self._web_config else None
        reader, writer = await open_streams(client, tls.context if tls else None, self._limits)
        if tls and not is_client_allowed(tls.allowed_names, writer.get_extra_info("peercert")):
            writer.transport.abort()
            return None
        return Connection(reader, writer, self._limits, self._open.enter_phase)


def _max_connections(connections: int) -> int:
    """The limit of connections that leaves half of the file descriptors for building the pages."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft // 2))
