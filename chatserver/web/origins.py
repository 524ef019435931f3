"""The hosts by which clients may reach the server, and the origins whose pages may use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exporter.web.hosts import LOOPBACK_HOSTS, host_name

ALL_INTERFACES = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


@dataclass(frozen=True, slots=True)
class Origins:
    """The allowed hosts, with any port since tunnels and containers change it, and the allowed origins."""

    hosts: frozenset[str]
    pages: frozenset[str]

    def allows_host(self, header: str) -> bool:
        """Whether a Host header is allowed; names that others have pointed at the server's address are not."""
        return host_name(header) in self.hosts

    def allows_page(self, origin: str, host: str) -> bool:
        """Whether pages of an origin may use the server: its own, and those of the settings."""
        lowered = origin.lower()
        return lowered in self.pages or lowered in (f"http://{host.lower()}", f"https://{host.lower()}")


def allowed_origins(listen_host: str, hosts: Iterable[str], origins: Iterable[str]) -> Origins:
    """These hosts and origins, the loopback, and the host that the server listens on."""
    listens = () if listen_host in ALL_INTERFACES else (listen_host,)
    named = frozenset(_in_url(host) for host in (*listens, *hosts))
    return Origins(LOOPBACK_HOSTS | named, frozenset(origin.lower().rstrip("/") for origin in origins))


def _in_url(host: str) -> str:
    return f"[{host}]".lower() if ":" in host and not host.startswith("[") else host.lower()
