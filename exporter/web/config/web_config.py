"""The validated settings of a web configuration file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from exporter.web.config.rate_limit import RateLimit, parse_duration
from exporter.web.config.web_config_format import HeadersSection, RateSection, TlsSection, WebConfigError, parse_file
from exporter.web.http.messages import Header

BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}")
HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
HEADER_CHOICES = {"X-Content-Type-Options": ("nosniff",), "X-Frame-Options": ("deny", "sameorigin")}


@dataclass(frozen=True, slots=True)
class WebConfig:
    """The settings: no TLS without `tls`, no authentication without `users`."""

    tls: TlsSection | None = None
    headers: tuple[Header, ...] = ()
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    rate_limit: RateLimit | None = None


def parse_web_config(text: str) -> WebConfig:
    """The settings in the text of a web configuration file. Raises WebConfigError."""
    file = parse_file(text)
    headers = file.http_server_config and file.http_server_config.headers
    return WebConfig(
        tls=None if file.tls_server_config in (None, TlsSection()) else file.tls_server_config,
        headers=_headers(headers) if headers else (),
        users=_users(file.basic_auth_users or {}),
        rate_limit=_rate(file.rate_limit) if file.rate_limit else None,
    )


def _headers(section: HeadersSection) -> tuple[Header, ...]:
    values: dict[str, str | None] = msgspec.to_builtins(section)
    for name, value in values.items():
        choices = HEADER_CHOICES.get(name)
        if value and choices and value not in choices:
            raise WebConfigError(f"http_server_config.headers.{name}: the value must be {' or '.join(choices)}.")
        if value and not HEADER_VALUE.fullmatch(value):
            raise WebConfigError(f"http_server_config.headers.{name}: use one line of ASCII.")
    return tuple((name, value) for name, value in values.items() if value)


def _users(users: dict[str, str]) -> dict[str, str]:
    for number, hashed in enumerate(users.values(), start=1):
        if not BCRYPT.fullmatch(hashed):  # the name is not shown: if the two were swapped, it is the password
            raise WebConfigError(
                f"basic_auth_users: entry {number} has no bcrypt hash; create one with htpasswd -nBC 10."
            )
    return users


def _rate(section: RateSection) -> RateLimit:
    try:
        return RateLimit(parse_duration(section.interval), section.burst)
    except ValueError:
        raise WebConfigError('rate_limit.interval: invalid duration; use one such as "1s" or "500ms".') from None
