"""From where the server may be used: the hosts that a client may take it for, and the pages that may ask it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatserver.settings import ServerSettings
from chatserver.web.loopback import LOOPBACK_HOSTS

ALL_INTERFACES = ("", "0.0.0.0", "::")  # noqa: S104 - nobody listens here; they are no names of a host
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Origins:
    """The hosts and origins that are allowed. A host may come with any port: tunnels and containers change it."""

    hosts: frozenset[str]
    pages: frozenset[str]

    def allows_host(self, header: str) -> bool:
        """Whether a Host header names this server, not a name that somebody has pointed at its address."""
        return host_name(header) in self.hosts

    def allows_page(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may ask: one of this server's own, or one that was allowed."""
        asked = origin.lower()
        return asked in self.pages or asked in (f"http://{host.lower()}", f"https://{host.lower()}")


def origins_of(settings: ServerSettings) -> Origins:
    """What the settings allow, beside this machine's loopback and the address that is listened on."""
    listens = () if settings.listen.host in ALL_INTERFACES else (settings.listen.host,)
    named = frozenset(_in_url(host) for host in (*listens, *settings.hosts))
    return Origins(LOOPBACK_HOSTS | named, frozenset(origin.lower().rstrip("/") for origin in settings.origins))


def host_name(header: str) -> str | None:
    """The host in a Host header, without its port; None where it is no host."""
    match = HOST.fullmatch(header.lower())
    return match[1] if match else None


def _in_url(host: str) -> str:
    return f"[{host}]".lower() if ":" in host and not host.startswith("[") else host.lower()
