"""tls_server_config as an SSLContext; what Python's ssl does not support is refused, never weakened."""

import ipaddress
import ssl
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from exporter.web.config.tls_names import CURVES, SUITES, TLS13_SUITES, UNVERIFIED_MODES, VERIFY_MODES, VERSIONS
from exporter.web.config.tls_pem import pem_file, read_pem, tls_error
from exporter.web.config.web_config_format import TlsSection

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Tls:
    """The context of handshakes, and the names of which a client certificate must have one; None allows any."""

    context: ssl.SSLContext
    allowed_names: frozenset[str] | None


def tls_files(section: TlsSection, directory: Path) -> tuple[Path, ...]:
    """The files that the section names; relative paths start at the directory of the web configuration file."""
    names = (section.cert_file, section.key_file, section.client_ca_file)
    return tuple(directory / name for name in names if name)


def build_tls(section: TlsSection, directory: Path) -> Tls:
    """The TLS settings of a section. Raises WebConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    _set_versions(context, section)
    _set_ciphers(context, section)
    _set_curve(context, section.curve_preferences or ())
    _load_pair(context, section, directory)
    _set_client_auth(context, section, directory)
    return Tls(context, None if section.client_allowed_sans is None else frozenset(section.client_allowed_sans))


def is_client_allowed(allowed: Collection[str] | None, certificate: Mapping[str, object] | None) -> bool:
    """Whether one of the subject alternative names in a certificate, as returned by ssl, is allowed."""
    if allowed is None:
        return True
    names = (certificate or {}).get("subjectAltName", ())
    return isinstance(names, tuple) and any(_plain_name(kind, name) in allowed for kind, name in names)


def _plain_name(kind: str, name: str) -> str:
    """The name in Go's notation, which differs for IPv6."""
    with suppress(ValueError):  # a certificate may hold any bytes as an address
        return str(ipaddress.ip_address(name.strip())) if kind == "IP Address" else name
    return name


def _set_versions(context: ssl.SSLContext, section: TlsSection) -> None:
    lowest = _lookup("min_version", section.min_version or "TLS12", VERSIONS)
    highest = _lookup("max_version", section.max_version or "TLS13", VERSIONS)
    if lowest > highest:
        raise tls_error("max_version", "it is older than min_version; raise it or lower min_version")
    context.minimum_version, context.maximum_version = lowest, highest


def _set_ciphers(context: ssl.SSLContext, section: TlsSection) -> None:
    suites = [
        _lookup("cipher_suites", name, SUITES) for name in section.cipher_suites or () if name not in TLS13_SUITES
    ]
    if section.cipher_suites and not suites and context.minimum_version < ssl.TLSVersion.TLSv1_3:
        raise tls_error("cipher_suites", "no suite is left for TLS 1.2; name one, or set min_version to TLS13")
    # OpenSSL allows versions before TLS 1.2 only at security level 0; Go has no levels, and the file asks for them.
    level = ":@SECLEVEL=0" if context.minimum_version < ssl.TLSVersion.TLSv1_2 else ""
    if suites or level:
        context.set_ciphers((":".join(suites) or "DEFAULT") + level)
    if section.prefer_server_cipher_suites is False:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE


def _set_curve(context: ssl.SSLContext, curves: tuple[str, ...]) -> None:
    if len(curves) > 1:
        raise tls_error("curve_preferences", "Python's ssl supports one curve only; name one, or remove the key")
    for curve in curves:
        try:
            context.set_ecdh_curve(_lookup("curve_preferences", curve, CURVES))
        except (ssl.SSLError, ValueError):
            raise tls_error(
                "curve_preferences", f"the OpenSSL of this Python does not support {curve}; name another"
            ) from None


def _load_pair(context: ssl.SSLContext, section: TlsSection, directory: Path) -> None:
    with (
        pem_file("cert", section.cert, section.cert_file, directory) as cert,
        pem_file("key", section.key, section.key_file, directory) as key,
    ):
        try:
            context.load_cert_chain(cert, key, password=_refuse_password)
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or "unreadable"
            raise tls_error("cert_file", f"it and key_file are not a certificate and its key ({reason})") from None


def _set_client_auth(context: ssl.SSLContext, section: TlsSection, directory: Path) -> None:
    policy = section.client_auth_type or "NoClientCert"
    if instead := UNVERIFIED_MODES.get(policy):
        raise tls_error(
            "client_auth_type", f"Python's ssl cannot accept unverified certificates as {policy} does; use {instead}"
        )
    mode = _lookup("client_auth_type", policy, VERIFY_MODES)
    if section.client_allowed_sans is not None and mode != ssl.CERT_REQUIRED:
        raise tls_error("client_allowed_sans", "it requires client_auth_type: RequireAndVerifyClientCert")
    authority = _client_ca(section, directory)
    if (authority is None) != (mode == ssl.CERT_NONE):
        raise tls_error("client_ca_file", "it and a verifying client_auth_type require each other; set both or neither")
    if authority is not None:
        _trust(context, authority)
    context.verify_mode = mode


def _client_ca(section: TlsSection, directory: Path) -> str | None:
    if section.client_ca and section.client_ca_file:
        raise tls_error("client_ca", "it is set twice; keep client_ca or client_ca_file")
    if section.client_ca_file:
        return read_pem("client_ca_file", directory / section.client_ca_file)
    return section.client_ca or None


def _trust(context: ssl.SSLContext, authority: str) -> None:
    try:
        context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError):
        raise tls_error("client_ca_file", "it contains no certificate; use certificates in PEM format") from None


def _lookup(key: str, name: str, names: Mapping[str, Value]) -> Value:
    if name not in names:
        raise tls_error(key, f"unknown value {name!r}; use one of {', '.join(names)}")
    return names[name]


def _refuse_password() -> str:
    raise tls_error("key_file", "the key is encrypted; use one without a passphrase")
