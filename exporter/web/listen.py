"""Listen addresses: parsing "host:port" and opening the socket."""

import errno
import re
import socket
from dataclasses import dataclass

from exporter.model.errors import UserError

BACKLOG = 1024

LISTEN = re.compile(
    r"(?:\[(?P<bracketed>[0-9A-Fa-f:.%\w]*:[0-9A-Fa-f:.%\w]*)\]|(?P<plain>[^\s:\[\]/]*)):(?P<port>[0-9]{1,5})"
)


class ListenAddressError(UserError, ValueError):
    """The text is not a listen address."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"invalid listen address {text!r}; use host:port such as 127.0.0.1:9100, [::1]:9100"
            " or :9100 (all interfaces), with a port from 0 to 65535."
        )


class CannotListenError(UserError, OSError):
    """The system refuses the address."""


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """A host, empty for all interfaces, and a port, 0 for any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_listen(text: str) -> ListenAddress:
    """The address of "host:port". Raises ListenAddressError."""
    match = LISTEN.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535:
        raise ListenAddressError(text)
    return ListenAddress(match["bracketed"] or match["plain"] or "", int(match["port"]))


def open_listener(address: ListenAddress) -> socket.socket:
    """A listening socket that does not block. Raises CannotListenError."""
    try:
        listener = _create(address)
    except OSError as error:
        raise _explain(address, error) from error
    listener.setblocking(False)
    return listener


def bound_address(listener: socket.socket) -> ListenAddress:
    """The address that a socket is bound to, with the port that the system chose."""
    host, port = listener.getsockname()[:2]
    return ListenAddress(host, port)


def _create(address: ListenAddress) -> socket.socket:
    if not address.host and socket.has_dualstack_ipv6():
        return socket.create_server(("", address.port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True)
    found = socket.getaddrinfo(address.host or "0.0.0.0", address.port, type=socket.SOCK_STREAM)  # noqa: S104 - what an empty host asks for
    # A name with addresses of both families is bound to the IPv4 one, as in Go's net.Listen.
    family, *_, socket_address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return socket.create_server((str(socket_address[0]), address.port), family=family, backlog=BACKLOG)


def _explain(address: ListenAddress, error: OSError) -> CannotListenError:
    if error.errno == errno.EADDRINUSE:
        return CannotListenError(
            f"{address} is already in use: stop the program that listens there, or choose another port."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return CannotListenError(f"cannot listen on {address} ({error.strerror}): choose a port above 1023.")
    return CannotListenError(f"cannot listen on {address} ({error.strerror}): choose an address of this machine.")
