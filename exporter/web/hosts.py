"""Hosts: the loopback, and the names by which clients may reach a server."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The loopback in a Host header."""
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")


def is_loopback(host: str) -> bool:
    """Whether an address or name is the loopback; of names, only localhost is."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_name(header: str) -> str | None:
    """The host in a Host header, without its port; None where the header is not valid."""
    match = HOST.fullmatch(header.lower())
    return match[1] if match else None


class AllowedHosts:
    """The Host headers that are allowed: those with an address, localhost, and given names.

    A page can point a name of its own at any address, and then read what a server answers there (DNS rebinding).
    Without given names, all are allowed where the server can be reached from other machines.
    """

    def __init__(self, listen_host: str, names: Iterable[str]) -> None:
        self._names = frozenset(name.lower() for name in names)
        self._all = not self._names and not is_loopback(listen_host)

    def allow(self, header: str) -> bool:
        """Whether a Host header is allowed; clients of HTTP/1.0, which browsers are not, send none."""
        if self._all or not header:
            return True
        host = host_name(header)
        return host is not None and (host == "localhost" or host in self._names or _is_address(host.strip("[]")))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
