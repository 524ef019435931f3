"""Rate limits for logins, checked before any password is hashed."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

PER_ADDRESS = parse("30 per minute")
PER_NAME = parse("10 per minute")
NETWORK_BITS = 64  # the IPv6 network that one client has


class TooManyAttemptsError(Exception):
    """Too many attempts to log in; the message says when to retry."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many attempts to log in; try again in {seconds} seconds.")
        self.seconds = seconds


class Attempts:
    """Counts attempts by the client's address and by the user name, in this server's memory."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count_address(self, address: str | None) -> None:
        """Count an attempt from an address. Raises TooManyAttemptsError."""
        self._count(PER_ADDRESS, "address", _network(address or ""))

    def count_name(self, name: str) -> None:
        """Count an attempt with a name. Raises TooManyAttemptsError."""
        self._count(PER_NAME, "name", name.lower())

    def _count(self, limit: RateLimitItem, kind: str, key: str) -> None:
        if not self._limiter.hit(limit, kind, key):
            reset_time = self._limiter.get_window_stats(limit, kind, key).reset_time
            raise TooManyAttemptsError(max(1, math.ceil(reset_time - time.time())))


def _network(address: str) -> str:
    """What counts as one address: in IPv6 the network, whose addresses all belong to one client."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4 or parsed.ipv4_mapped:
        return str(parsed)
    return str(ipaddress.ip_network((parsed.packed, NETWORK_BITS), strict=False))
