"""From an accepted socket to a pair of streams, over TLS when it is asked for."""

import asyncio
import socket
import ssl

from exporter.web.http.limits import Limits


async def open_streams(
    client: socket.socket, tls: ssl.SSLContext | None, limits: Limits
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return the streams once the handshake is done; raises OSError, also when it takes too long."""
    # asyncio does this only for sockets that name their protocol, and those accepted from a listener do not.
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    async with asyncio.timeout(limits.handshake):
        if tls is None:
            return await _attach(client, None, None)
        # asyncio sets aside 256 KiB for each TLS client, which those that never say anything are not worth.
        await _readable(client)
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


async def _readable(client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(client, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(client)
