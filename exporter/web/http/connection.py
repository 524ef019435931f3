"""The requests of one client and their responses, in order."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus

import h11

from exporter.web.http.connections import Phase
from exporter.web.http.limits import Limits
from exporter.web.http.messages import Request, Response, parse_request, plain_text

READ_BYTES = 4096  # small, because h11 limits only heads that need another read
SEND_BYTES = 64 * 1024
LINGER_SECONDS = 1.0

Respond = Callable[[Request], Awaitable[Response]]


class BodyTooLargeError(Exception):
    """The body of a request is larger than what the server discards."""


class Connection:
    """HTTP/1.1 over one stream; it reports its phase, so that it can be closed while it waits."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: Limits,
        enter_phase: Callable[[Phase], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._enter_phase = enter_phase
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)
        self._without_body = False
        # With a high-water mark of 1 byte, drain() waits for a client that reads slowly; with 0, asyncio's TLS would
        # pause forever.
        writer.transport.set_write_buffer_limits(high=1, low=0)

    async def serve(self, respond: Respond, is_last: Callable[[], bool]) -> None:
        """Respond to requests until either side closes; the stream is closed afterwards."""
        try:
            with suppress(OSError):  # including TimeoutError: the client was too slow, or it is gone
                await self._serve_requests(respond, is_last)
                await self._close()
        finally:
            self._writer.transport.abort()

    async def _serve_requests(self, respond: Respond, is_last: Callable[[], bool]) -> None:
        try:
            while request := await self._read_request():
                self._enter_phase(Phase.RESPONDING)
                response = await respond(request)
                self._enter_phase(Phase.SENDING)
                await self._send(response, close=is_last())
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    return
                self._enter_phase(Phase.WAITING)
                self._http.start_next_cycle()
                await self._wait_for_next_request()
        except (h11.RemoteProtocolError, BodyTooLargeError) as error:
            await self._send_error(error)

    async def _wait_for_next_request(self) -> None:
        if self._http.trailing_data == (b"", False):
            async with asyncio.timeout(self._limits.idle):
                self._http.receive_data(await self._reader.read(READ_BYTES))

    async def _read_request(self) -> Request | None:
        """The next whole request, with its body discarded; None once the client has closed."""
        self._without_body = False
        async with asyncio.timeout(self._limits.head):
            head = await self._next_event()
            if not isinstance(head, h11.Request):
                return None
            self._without_body = head.method == b"HEAD"
            discarded = 0
            while isinstance(part := await self._next_event(), h11.Data):
                discarded += len(part.data)
                if discarded > self._limits.body_bytes:
                    raise BodyTooLargeError
        return parse_request(head.method, head.target, head.headers)

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(READ_BYTES))
        return event

    async def _send_error(self, error: Exception) -> None:
        """Respond with what is wrong with the request, if no response has been started."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        too_large = isinstance(error, BodyTooLargeError)
        status = HTTPStatus(413 if too_large else getattr(error, "error_status_hint", 400))
        self._enter_phase(Phase.SENDING)
        await self._send(plain_text(status, f"{status.phrase}."), close=True)
        await self._linger()

    async def _linger(self) -> None:
        """Read on for a moment: closing with unread bytes resets the connection, and the response is lost."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while await self._reader.read(SEND_BYTES):
                    pass

    async def _send(self, response: Response, *, close: bool) -> None:
        headers = [*response.headers, ("Content-Length", str(len(response.body))), ("Date", formatdate(usegmt=True))]
        if close:
            headers.append(("Connection", "close"))
        body = b"" if self._without_body else response.body
        async with asyncio.timeout(self._limits.send):
            self._write(h11.Response(status_code=response.status, reason=response.status.phrase, headers=headers))
            for start in range(0, len(body), SEND_BYTES):
                self._write(h11.Data(data=body[start : start + SEND_BYTES]))
                await self._writer.drain()
            self._write(h11.EndOfMessage())
            await self._writer.drain()

    async def _close(self) -> None:
        """Close cleanly: TLS sends its close_notify, and the kernel delivers what it has buffered."""
        self._writer.close()
        async with asyncio.timeout(self._limits.send):
            await self._writer.wait_closed()

    def _write(self, event: h11.Event) -> None:
        if data := self._http.send(event):
            self._writer.write(data)
