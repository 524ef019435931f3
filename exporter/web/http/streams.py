"""From an accepted socket to a pair of streams, over TLS if it is configured."""

import asyncio
import socket
import ssl

from exporter.web.http.limits import Limits


async def open_streams(
    client: socket.socket, tls: ssl.SSLContext | None, limits: Limits
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The streams after the handshake. Raises OSError, also on a timeout."""
    # asyncio sets this only on sockets with an explicit protocol, which accepted ones do not have.
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    async with asyncio.timeout(limits.handshake):
        if tls is None:
            return await _attach(client, None, None)
        # asyncio allocates 256 KiB per TLS client, so it waits until the client has sent something.
        await _wait_readable(client)
        return await _attach(client, tls, limits.send)


async def _attach(
    client: socket.socket, tls: ssl.SSLContext | None, shutdown_seconds: float | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, protocol = await loop.connect_accepted_socket(
        lambda: asyncio.StreamReaderProtocol(reader), client, ssl=tls, ssl_shutdown_timeout=shutdown_seconds
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _wait_readable(client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(client, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(client)
