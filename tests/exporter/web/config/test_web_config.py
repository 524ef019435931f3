from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from exporter.web.config.rate_limit import RateLimit
from exporter.web.config.web_config import WebConfig, parse_web_config
from exporter.web.config.web_config_file import WebConfigFile
from exporter.web.config.web_config_format import WebConfigError
from tests.exporter.web.client import get
from tests.exporter.web.config.test_tls import CLIENT_AUTH, SERVER
from tests.exporter.web.conftest import Serve

HASH = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"

MESSAGES = {
    "hello": "top level: Expected `object`, got `str`; docs/web-configuration.md",
    "[]": "top level: Expected `object`, got `array`",
    "a: [": "line 1, column 5: this is not YAML; fix the indentation or the quotes there.",
    "a: 2024-13-45": "the file is not YAML; write it as UTF-8 text with plain values.",
    "basic_auth_users: {}\nbasic_auth_users: {}": "line 2: duplicate key; keep one of the two.",
    "basic_auth_users:\n  a: x\n  b: y\n  a: z": "line 4: duplicate key",
    "tls_config: {}": "top level: Object contains unknown field `tls_config`; docs/web-configuration.md",
    "http_server_config: {http3: true}": "http_server_config: Object contains unknown field `http3`",
    "http_server_config: {http2: maybe}": "http_server_config.http2: Expected `bool`, got `str`",
    "http_server_config: {headers: {Server: x}}": "http_server_config.headers: Object contains unknown field `Server`",
    "http_server_config: {headers: {X-Frame-Options: allow}}": (
        "http_server_config.headers.X-Frame-Options: the value must be deny or sameorigin."
    ),
    "http_server_config: {headers: {X-Content-Type-Options: sniff}}": "Options: the value must be nosniff.",
    'http_server_config: {headers: {Content-Security-Policy: "a\\r\\nb: c"}}': (
        "http_server_config.headers.Content-Security-Policy: use one line of ASCII."
    ),
    f"basic_auth_users: {{ada: {HASH}, bob: secret}}": (
        "basic_auth_users: entry 2 has no bcrypt hash; create one with htpasswd -nBC 10."
    ),
    "basic_auth_users: {ada: 7}": "basic_auth_users[...]: Expected `str`, got `int`",
    "rate_limit: {interval: soon}": 'rate_limit.interval: invalid duration; use one such as "1s" or "500ms".',
    "tls_server_config: {min_version: TLS12}": "tls_server_config.cert_file: it is missing; TLS needs both",
    "tls_server_config: {cert_file: server.crt}": "tls_server_config.key_file: it is missing; TLS needs both",
    "tls_server_config: {cert_file: none.crt, key_file: server.key}": (
        "none.crt cannot be read (No such file or directory); fix the path or its permissions."
    ),
    "tls_server_config: {cert_file: server.key, key_file: server.key}": (
        "tls_server_config.cert_file: it and key_file are not a certificate and its key ("
    ),
    "tls_server_config: {cert_file: ca.crt, key_file: server.key}": "(KEY_VALUES_MISMATCH).",
    f"{SERVER}  cert: x": "tls_server_config.cert: it is set twice; keep cert or cert_file.",
    f"{SERVER}  min_version: SSL3": (
        "tls_server_config.min_version: unknown value 'SSL3'; use one of TLS10, TLS11, TLS12, TLS13."
    ),
    f"{SERVER}  min_version: TLS13\n  max_version: TLS12": "max_version: it is older than min_version; raise",
    f"{SERVER}  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]": (
        "tls_server_config.cipher_suites: unknown value 'TLS_RSA_WITH_RC4_128_SHA'; use one of TLS_ECDHE_"
    ),
    f"{SERVER}  cipher_suites: [TLS_AES_128_GCM_SHA256]": (
        "tls_server_config.cipher_suites: no suite is left for TLS 1.2; name one, or set min_version to TLS13."
    ),
    f"{SERVER}  curve_preferences: [CurveP256, X25519]": (
        "tls_server_config.curve_preferences: Python's ssl supports one curve only; name one, or remove the key."
    ),
    f"{SERVER}  curve_preferences: [P256]": "unknown value 'P256'; use one of CurveP256, CurveP384,",
    f"{SERVER}  client_auth_type: Please": "unknown value 'Please'; use one of NoClientCert, Verify",
    f"{SERVER}  client_auth_type: RequestClientCert": (
        "tls_server_config.client_auth_type: Python's ssl cannot accept unverified certificates as RequestClientCert"
        " does; use VerifyClientCertIfGiven."
    ),
    f"{SERVER}  client_auth_type: RequireAnyClientCert": "RequireAnyClientCert does; use RequireAndVerifyClientCert.",
    f"{SERVER}  client_auth_type: RequireAndVerifyClientCert": (
        "tls_server_config.client_ca_file: it and a verifying client_auth_type require each other; set both or neither."
    ),
    f"{SERVER}  client_ca_file: ca.crt": "tls_server_config.client_ca_file: it and a verifying client_auth_type",
    f"{CLIENT_AUTH}  client_ca: x": "tls_server_config.client_ca: it is set twice; keep client_ca or client_ca_file.",
    CLIENT_AUTH.replace("ca.crt", "server.key"): "tls_server_config.client_ca_file: it contains no certificate",
    f"{SERVER}  client_allowed_sans: [a]": (
        "tls_server_config.client_allowed_sans: it requires client_auth_type: RequireAndVerifyClientCert."
    ),
}


@pytest.mark.parametrize(("text", "message"), MESSAGES.items(), ids=MESSAGES.values())
def test_an_invalid_file_is_refused_with_its_message(directory: Path, text: str, message: str) -> None:
    path = directory / "web.yml"
    path.write_text(text)
    with pytest.raises(WebConfigError) as caught:
        WebConfigFile(path)
    error = str(caught.value)
    assert error.startswith(f"{path}: ")
    assert message in error
    assert "secret" not in error
    assert "PRIVATE" not in error


def test_a_file_that_is_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    with pytest.raises(WebConfigError, match=r"web\.yml: it cannot be read \(No such file or directory\); fix its"):
        WebConfigFile(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(WebConfigError, match=r"web\.yml: it is not UTF-8; save it as UTF-8\."):
        WebConfigFile(path)


def test_an_encrypted_key_is_refused_without_a_prompt_for_its_passphrase(directory: Path) -> None:
    key = serialization.load_pem_private_key((directory / "server.key").read_bytes(), None)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    (directory / "server.key").write_bytes(encrypted)
    (directory / "web.yml").write_text(SERVER)
    with pytest.raises(WebConfigError, match=r"key_file: the key is encrypted; use one without a passphrase\."):
        WebConfigFile(directory / "web.yml")


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "{}", "tls_server_config:\nbasic_auth_users:\nhttp_server_config:\n", "tls_server_config: {}"],
)
def test_an_empty_file_has_the_defaults(text: str) -> None:
    assert parse_web_config(text) == WebConfig()


def test_the_whole_format_is_understood() -> None:
    config = parse_web_config(f"""
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [scraper.example]
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  min_version: TLS11
  max_version: TLS12
  curve_preferences: [X25519]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ""
    Strict-Transport-Security: max-age=60
basic_auth_users:
  ada: {HASH}
rate_limit:
  interval: 1.5s
  burst: 20
""")
    assert config.tls is not None
    assert (config.tls.client_allowed_sans, config.tls.max_version) == (("scraper.example",), "TLS12")
    assert config.headers == (
        ("Content-Security-Policy", "default-src 'self'"),
        ("X-Frame-Options", "deny"),
        ("X-Content-Type-Options", "nosniff"),
        ("Strict-Transport-Security", "max-age=60"),
    )
    assert (dict(config.users), config.rate_limit) == ({"ada": HASH}, RateLimit(1.5, 20))
    assert HASH not in repr(config)


def test_its_headers_are_on_every_response(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text(f"http_server_config: {{headers: {{X-Frame-Options: deny}}}}\nbasic_auth_users: {{ada: {HASH}}}\n")
    reply = get(serve(config=path))
    assert (reply.status, reply.headers["x-frame-options"]) == (401, "deny")


def test_tls_cannot_be_turned_on_while_running(serve: Serve, directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = directory / "web.yml"
    path.write_text("")
    server = serve(config=path)
    path.write_text(SERVER)
    assert get(server).status == 500
    assert "tls_server_config: it was added or removed; restart hookmeter." in caplog.text
