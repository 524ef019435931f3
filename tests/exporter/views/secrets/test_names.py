"""Names of secrets: of keys, options and assignments."""

from __future__ import annotations

import pytest

from exporter.views.redaction import REPLACEMENT, redact, redact_text
from exporter.views.secrets.names import is_secret_name, is_secret_option

SECRET = [
    "password", "Password", "passwd", "passphrase", "db_password", "DB_PASS", "userPwd", "PGPASSWORD", "MYSQL_PWD",
    "rootpassword", "token", "tokens", "access_token", "access-token", "accessToken", "refreshToken", "GITHUB_TOKEN",
    "sessionToken", "authToken", "authtoken", "_authToken", "api_key", "apiKey", "apikey", "APIKey", "api-key",
    "api_keys", "X-API-Key", "OPENAI_API_KEY", "secret", "secrets", "client_secret", "clientSecret", "clientsecret",
    "SECRET_KEY", "SECRET_KEY_BASE", "AWS_SECRET_ACCESS_KEY", "private_key", "privateKey", "PresharedKey", "AccountKey",
    "APP_KEY", "SharedAccessKey", "authorization", "Authorization", "Proxy-Authorization", "cookie", "Set-Cookie",
    "credentials", "spring.datasource.password", "ansible_become_password", "storepass", "REDISCLI_AUTH",
    "password_hash", "jwt",
]  # fmt: skip
HARMLESS = [
    "input_tokens", "output_tokens", "max_tokens", "maxTokens", "totalTokens", "cache_read_input_tokens", "token_count",
    "tokenizer", "tokenize", "token_type", "token_url", "nextPageToken", "pad_token_id", "author", "authority",
    "passing", "passenger", "secretary", "secretName", "secret_ref", "bypass", "compass", "key", "keys", "primary_key",
    "monkey", "keyboard", "command", "file_path", "Path", "", "pwd", "PWD", "OLDPWD", "pass", "first_pass",
    "render_pass", "text", "password_file", "passwordLength", "password-stdin", "secrets_manager", "NOPASSWD",
    "public_key", "test_token.py",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET)
def test_the_name_of_a_secret_is_recognized(name: str) -> None:
    assert is_secret_name(name)
    assert redact({name: "hunter2", "other": "x"}) == {name: REPLACEMENT, "other": "x"}
    assert redact_text(f"{name}=hunter2 x") == f"{name}={REPLACEMENT} x"


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_name_is_not_taken_for_one(name: str) -> None:
    assert not is_secret_name(name)
    assert redact_text(f"{name}=hunter2") == f"{name}=hunter2"


def test_pass_is_a_secret_as_an_option_and_as_a_key_but_not_in_a_text() -> None:
    assert is_secret_option("pass")
    assert redact({"pass": "hunter2"}) == {"pass": REPLACEMENT}
    assert redact_text("pass: TestLogin") == "pass: TestLogin"
