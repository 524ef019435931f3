"""Opening the socket of a listen address."""

import errno
import os
import socket

from exporter.model.errors import UserError
from exporter.web.listen_address import ListenAddress

BACKLOG = 1024


class CannotListenError(UserError, OSError):
    """The system refuses the address."""


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
    number = error.errno or 0  # below 0 if a name is not known, which has words of its own
    cause = os.strerror(number) if number > 0 else error.strerror
    return CannotListenError(f"cannot listen on {address} ({cause}): choose an address of this machine.")
