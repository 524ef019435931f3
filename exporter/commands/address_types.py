"""The types of addresses and host names."""

from __future__ import annotations

import re
from typing import Any

import click

from exporter.web.listen_address import ListenAddress, ListenAddressError, parse_listen

HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")


class Listen(click.ParamType[ListenAddress]):
    """An address such as 127.0.0.1:19464."""

    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ListenAddress:
        """Parse the address."""
        try:
            return value if isinstance(value, ListenAddress) else parse_listen(value)
        except ListenAddressError as error:
            self.fail(str(error), param, ctx)


class HostName(click.ParamType[str]):
    """A host name, or an address as in a URL."""

    name = "host"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Validate the name, in lower case."""
        if not HOST.fullmatch(value):
            self.fail(f"invalid host {value!r}; use one such as agents.example.org.", param, ctx)
        return str(value).lower()
