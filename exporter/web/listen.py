"""Where the server listens: "host:port" as people write it, and the socket that it gives."""

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
    """The text is not an address to listen on."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"invalid listen address {text!r}; use host:port such as 127.0.0.1:9100, [::1]:9100"
            " or :9100 (all interfaces), with a port from 0 to 65535."
        )


class CannotListenError(UserError, OSError):
    """The address exists on paper, but this machine does not give it."""


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """A host, empty for all interfaces, and a port, 0 for any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_listen(text: str) -> ListenAddress:
    """Return the address of "host:port"; raises ListenAddressError."""
    match = LISTEN.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535:
        raise ListenAddressError(text)
    return ListenAddress(match["bracketed"] or match["plain"] or "", int(match["port"]))


def open_listener(address: ListenAddress) -> socket.socket:
    """Return a listening socket that never blocks; raises CannotListenError."""
    try:
        listener = _create(address)
    except OSError as error:
        raise _explain(address, error) from error
    listener.setblocking(False)
    return listener


def bound_address(listener: socket.socket) -> ListenAddress:
    """Return where the socket really listens, with the port that the system chose."""
    host, port = listener.getsockname()[:2]
    return ListenAddress(host, port)


def _create(address: ListenAddress) -> socket.socket:
    if not address.host and socket.has_dualstack_ipv6():
        return socket.create_server(("", address.port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True)
    found = socket.getaddrinfo(address.host or "0.0.0.0", address.port, type=socket.SOCK_STREAM)  # noqa: S104 - what an empty host asks for
    # A name with both kinds of address is served on IPv4, as Go's net.Listen does.
    family, *_, where = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return socket.create_server((str(where[0]), address.port), family=family, backlog=BACKLOG)


def _explain(address: ListenAddress, error: OSError) -> CannotListenError:
    if error.errno == errno.EADDRINUSE:
        return CannotListenError(
            f"{address} is already in use: stop the program that listens there, or choose another port."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return CannotListenError(f"{address} may not be used by this user: choose a port above 1023.")
    return CannotListenError(f"{address} cannot be listened on ({error.strerror}): choose an address of this machine.")
