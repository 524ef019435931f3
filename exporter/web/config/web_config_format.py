"""The web configuration file of the Prometheus exporter-toolkit: its keys and the types of their values."""

import msgspec
import yaml

from exporter.model.errors import UserError

MAX_KEY_DEPTH = 3  # of http_server_config.headers.<name>
MANUAL = "docs/web-configuration.md of prometheus/exporter-toolkit lists the keys"


class WebConfigError(UserError):
    """The web configuration is invalid; the message says what, where and how to fix it, and contains no secret."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mapping in the file; an unknown key is an error."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # the values may be secret


class TlsSection(Section, frozen=True):
    """tls_server_config, with its paths as written."""

    cert: str | None = None
    key: str | None = None
    client_ca: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    client_ca_file: str | None = None
    client_auth_type: str | None = None
    client_allowed_sans: tuple[str, ...] | None = None
    cipher_suites: tuple[str, ...] | None = None
    curve_preferences: tuple[str, ...] | None = None
    prefer_server_cipher_suites: bool | None = None
    min_version: str | None = None
    max_version: str | None = None


class HeadersSection(Section, frozen=True):
    """http_server_config.headers, in the order in which they are sent."""

    csp: str | None = msgspec.field(default=None, name="Content-Security-Policy")
    frame_options: str | None = msgspec.field(default=None, name="X-Frame-Options")
    content_type_options: str | None = msgspec.field(default=None, name="X-Content-Type-Options")
    xss_protection: str | None = msgspec.field(default=None, name="X-XSS-Protection")
    transport_security: str | None = msgspec.field(default=None, name="Strict-Transport-Security")


class HttpSection(Section, frozen=True):
    """http_server_config; http2 has no effect, since it only allows HTTP/2 and this server does not support it."""

    http2: bool = True
    headers: HeadersSection | None = None


class RateSection(Section, frozen=True):
    """rate_limit, with its interval as written."""

    interval: str | int = 0
    burst: int = 0


class FileSection(Section, frozen=True):
    """The whole file."""

    tls_server_config: TlsSection | None = None
    http_server_config: HttpSection | None = None
    basic_auth_users: dict[str, str] | None = None
    rate_limit: RateSection | None = None


def parse_file(text: str) -> FileSection:
    """The sections of the file. Raises WebConfigError."""
    return _convert(_load(text))


def _load(text: str) -> object:
    """The YAML document; the messages of YAML errors quote the file, so only their position is reported."""
    try:
        _refuse_repeated_keys(yaml.compose(text, yaml.SafeLoader), MAX_KEY_DEPTH)
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the file"
        raise WebConfigError(f"{place}: this is not YAML; fix the indentation or the quotes there.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise WebConfigError("the file is not YAML; write it as UTF-8 text with plain values.") from None
    return {} if document is None else document


def _refuse_repeated_keys(node: yaml.Node | None, depth: int) -> None:
    if not isinstance(node, yaml.MappingNode) or not depth:
        return
    seen = set()
    for key, value in node.value:
        if key.value in seen:
            raise WebConfigError(f"line {key.start_mark.line + 1}: duplicate key; keep one of the two.")
        seen.add(key.value)
        _refuse_repeated_keys(value, depth - 1)


def _convert(document: object) -> FileSection:
    try:
        return msgspec.convert(document, FileSection)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        raise WebConfigError(f"{place.strip('.`') or 'top level'}: {problem}; {MANUAL}.") from None
