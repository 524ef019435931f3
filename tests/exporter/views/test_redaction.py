import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.views.redaction import REPLACEMENT, redact, redact_text

SECRET_KEYS = [
    "password",
    "Password",
    "passwd",
    "passphrase",
    "pass",
    "db_password",
    "DB_PASS",
    "userPwd",
    "token",
    "tokens",
    "access_token",
    "access-token",
    "accessToken",
    "refreshToken",
    "GITHUB_TOKEN",
    "sessionToken",
    "authToken",
    "api_key",
    "apiKey",
    "apikey",
    "APIKey",
    "api-key",
    "X-API-Key",
    "OPENAI_API_KEY",
    "secret",
    "secrets",
    "client_secret",
    "clientSecret",
    "SECRET_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "private_key",
    "privateKey",
    "authorization",
    "Authorization",
    "Proxy-Authorization",
    "cookie",
    "Set-Cookie",
    "credentials",
    "spring.datasource.password",
]
HARMLESS_KEYS = [
    "input_tokens",
    "output_tokens",
    "max_tokens",
    "maxTokens",
    "totalTokens",
    "cache_read_input_tokens",
    "token_count",
    "tokenizer",
    "tokenize",
    "author",
    "authority",
    "passing",
    "passenger",
    "secretary",
    "bypass",
    "compass",
    "key",
    "keys",
    "primary_key",
    "monkey",
    "keyboard",
    "command",
    "file_path",
    "Path",
    "",
    "pwd",
    "PWD",
    "text",
]


class TestKeys:
    @pytest.mark.parametrize("key", SECRET_KEYS)
    def test_the_value_of_a_secret_key_is_hidden(self, key: str) -> None:
        assert redact({key: "hunter2", "other": "x"}) == {key: REPLACEMENT, "other": "x"}

    @pytest.mark.parametrize("key", HARMLESS_KEYS)
    def test_the_value_of_a_harmless_key_is_shown(self, key: str) -> None:
        assert redact({key: "hunter2"}) == {key: "hunter2"}

    def test_a_nested_secret_is_found(self) -> None:
        value = {"a": [{"b": {"env": [{"API_KEY": "x"}, {"n": 1}]}}]}
        assert redact(value) == {"a": [{"b": {"env": [{"API_KEY": REPLACEMENT}, {"n": 1}]}}]}

    @pytest.mark.parametrize("value", [12345, 1.5, ["a", "b"], {"value": "x"}, {"nested": {"deep": ["x"]}}])
    def test_a_value_of_any_type_is_hidden(self, value: object) -> None:
        assert redact({"password": value}) == {"password": REPLACEMENT}

    @pytest.mark.parametrize("value", [None, "", True, False])
    def test_a_value_without_content_is_shown(self, value: object) -> None:
        assert redact({"password": value}) == {"password": value}

    def test_a_number_of_tokens_is_shown(self) -> None:
        counts = {"tokens": 1200, "usage": {"input_tokens": 3, "tokens": "1,200"}, "token_limit": 9}
        assert redact(counts) == counts

    def test_the_argument_after_a_secret_option_is_hidden(self) -> None:
        command = ["login", "--user", "bob", "--password", "hunter2", "--max-tokens", "5", "--token=x"]
        assert redact(command) == [
            "login",
            "--user",
            "bob",
            "--password",
            REPLACEMENT,
            "--max-tokens",
            "5",
            f"--token={REPLACEMENT}",
        ]

    def test_the_value_itself_is_not_changed(self) -> None:
        value: dict[str, Any] = {"password": "x", "list": ["token=y"]}
        redact(value)
        assert value == {"password": "x", "list": ["token=y"]}


@pytest.mark.parametrize(
    "text",
    [
        "export API_KEY=SEKRET9",
        'export API_KEY="SEKRET9 SEKRET9"',
        "API_KEY='SEKRET9' ./run",
        "GITHUB_TOKEN=SEKRET9 gh pr",
        'curl -H "Authorization: Bearer SEKRET9.SEKRET9" https://x',
        "curl -H 'Authorization: Basic SEKRETAAAA=='",
        "curl -H 'authorization: token SEKRET9'",
        "curl -H 'X-Api-Key: SEKRET9' https://x",
        "Cookie: a=SEKRET; b=SEKRET",
        "mysql --password SEKRET9 db",
        "mysql --password=SEKRET9 db",
        "mysql --password='SEKRET 9'",
        "tool --api-key SEKRET",
        "mysql -u root -pSEKRET9 db",
        "sshpass -p SEKRET9 ssh h",
        "curl -u bob:SEKRET9 https://x",
        "--user bob:SEKRET9",
        "mysql://user:SEKRET9@host/db",
        "postgres://u:SEKRET@SEKRET@host:5432/db",
        "redis://:SEKRET9@host",
        "https://x-access-token:SEKRET9@github.com/a/b",
        "https://x/?a=1&access_token=SEKRET9&b=2",
        '{"password": "SEKRET9", "user": "bob"}',
        r"{\"password\": \"SEKRET9\", \"user\": \"bob\"}",
        "{'token': 'SEKRET9'}",
        r"""{"a":"{\\\"token\\\":\\\"SEKRET9\\\"}"}""",
        "password: SEKRET9",
        "password = SEKRET9",
        "DB_PASS=SEKRET9",
        'SECRET="SEKRET, cut off at',
        "client_secret=SEKRET9",
        "aws_secret_access_key = SEKRET/9+SEKRET",
        "Bearer SEKRET9SEKRET9",
        "-----BEGIN RSA PRIVATE KEY-----\nSEKRET\nSEKRET\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nSEKRET cut off",
        r"-----BEGIN PRIVATE KEY-----\nSEKRET\n-----END PRIVATE KEY-----",
        "sk-ant-api03-SEKRET-SEKRET_9",
        "sk-proj-SEKRETSEKRET",
        "sk-SEKRETSEKRETSEKRETSEKRET9",
        "ghp_SEKRETSEKRETSEKRET",
        "github_pat_SEKRETSEKRET_9",
        "glpat-SEKRETSEKRET",
        "xoxb-SEKRET-SEKRETSEKRET",
        "AKIASEKRETSEKRETSEKRET",
        "eyJSEKRETSEKRET.eyJSEKRET.SEKRET",
        "npm_SEKRETSEKRETSEKRET",
        "AIzaSEKRETSEKRETSEKRET",
        "password=p|SEKRET<SEKRET",
        'cmd="export PASSWORD=SEKRET9"',
        "a=b=token=SEKRET9",
        "note: password: SEKRET9",
    ],
)
def test_a_secret_in_a_text_is_hidden(text: str) -> None:
    assert "SEKRET" not in redact_text(text)
    assert REPLACEMENT in redact_text(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("API_KEY=x make test && echo done", f"API_KEY={REPLACEMENT} make test && echo done"),
        ('curl -H "Authorization: Bearer x1y2z3" https://x', f'curl -H "Authorization: {REPLACEMENT}" https://x'),
        ("mysql://user:pw@host/db", f"mysql://user:{REPLACEMENT}@host/db"),
        ("a --password x --force", f"a --password {REPLACEMENT} --force"),
        ("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\nthen", f"{REPLACEMENT}\nthen"),
        ('{"token": "x", "n": 1}', f'{{"token": {REPLACEMENT}, "n": 1}}'),
    ],
)
def test_the_text_around_a_secret_is_shown(text: str, shown: str) -> None:
    assert redact_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens=4096",
        "input_tokens: 12",
        '{"output_tokens": 5}',
        "tokens: 1,200",
        "tokenizer=fast",
        "author: bob",
        "bypass=1",
        "compass: n",
        "secretary = ann",
        "--- PASS: TestLogin (0.00s)",
        "PWD=/home/dev ls",
        "the token is here",
        "basic information",
        "bearer authentication",
        "docker run -u 1000:1000 x",
        "asia-northeast1-docker.pkg.dev",
        "https://example.com:8080/a@b",
        "git@github.com:a/b.git",
        "task-management-service",
        "sk-learn",
        "",
        " ",
        "echo hi",
        "password",
        "--token",
        "12:30",
        "a=b=c",
        'a="b=\\"c\\""',
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_a_harmless_text_is_shown_unchanged(text: str) -> None:
    assert redact_text(text) == text


SPICE = st.sampled_from(
    [
        "token=",
        "token",
        "password",
        '"',
        "'",
        "\\",
        ":",
        "=",
        " ",
        "\n",
        "[redacted]",
        "://",
        "@",
        "a",
        "9",
        "-",
        "--",
        "Bearer ",
        "Authorization: ",
        "cookie",
        "sk-ant-",
        "ghp_",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "-u ",
        "mysql ",
        "-p",
        ";",
        "&",
        "-----BEGIN PRIVATE KEY-----",
        "eyJ",
        ".",
        "{",
        "]",
        ",",
        "max_",
    ]
)
HOSTILE = st.lists(SPICE, max_size=12).map("".join)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), HOSTILE),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.text() | HOSTILE | st.sampled_from(SECRET_KEYS + HARMLESS_KEYS), inner)
    ),
    max_leaves=10,
)


@given(HOSTILE)
def test_a_redacted_text_has_nothing_left_to_redact(text: str) -> None:
    assert redact_text(redact_text(text)) == redact_text(text)


@given(VALUES)
def test_any_json_value_stays_a_json_value(value: object) -> None:
    assert json.dumps(redact(redact(value))) == json.dumps(redact(value))


@pytest.mark.parametrize("kind", ["list", "dict"])
def test_a_value_that_is_nested_too_deep_is_hidden_without_an_error(kind: str) -> None:
    value: Any = "password=hunter2"
    for _ in range(50_000):
        value = [value] if kind == "list" else {"a": value}
    assert "hunter2" not in json.dumps(redact(value))


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "-",
        '"',
        "token=",
        'token="',
        'token=\\"',
        "token:\\",
        "a-",
        "a.a ",
        "://",
        "://a:",
        "sk-",
        "eyJa.",
        "mysql ",
        "--token ",
        "-u a",
        "Bearer ",
        "-----BEGIN A",
        "Cookie:",
        "\\",
        "'",
        "A",
        "=",
        " ",
        "\n",
        "Authorization: Bearer ",
    ],
)
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()  # this process' own, however busy the machine is
    redact_text(text)
    redact({text: text})
    assert time.process_time() - started < 10  # hundredths of a second; in proportion to the square it would be minutes
