"""Listen addresses, as "host:port"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from exporter.model.errors import UserError

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
