"""The time that redaction takes: linear in the length of the text, whatever it contains."""

from __future__ import annotations

import time

import pytest

from exporter.views.redaction import redact_text

# Beginnings of what the patterns search, repeated: each could be tried from every position up to the end of the text.
PIECES = [
    "a", "-", '"', "\\", "'", "A", "=", " ", "\n", "`", "<", "{", "$", "a-", "a.a ", "://", "://a:", "://a@", "@",
    "-u a", "-ua:", "token=", 'token="', "token='", 'token=\\"', "token:\\", "token: str ", "token: Optional[",
    "token[", "token => ", 'token", ', "token\n", "token ", "token|", "set token_ ", "ENV a_token ", "(token,",
    "<token ", "<token>", "<token a=", "--token ", "-token=", "password '", "password ", "login a password ",
    "identified by '", "requirepass ", "auth=", "_auth: a", "sk-", "eyJa.", "eyJaaaaaaaaaaaa.", "ghp_",
    "SG.aaaaaaaaaaaaaaaaaaaaaa.", "s.aaaaaaaaaaaaaaaaaaaaaaaa", "pa-aaaaaaaaaaa", "MTA.", "mysql ", "mysql -p",
    "mysql -", "redis-cli ", "redis-cli -a ", "login -p ", "ldapsearch -w ", "sqlcmd -P ", "zip -P ", "htpasswd -b a ",
    "echo a:", "echo a:b | chpasswd ", "curl -b a=", "curl ", "sshpass -p ", "-passin pass:", "Bearer ",
    "Authorization: Bearer ", "Authorization: ", 'authorization", "', "Cookie:", "Cookie => ", "-----BEGIN A",
    "-----BEGIN PRIVATE KEY-----", "Private-Lines: 1\n", '"kty""d":"', "hooks.slack.com/services/", "https://a/hooks/",
    "https://maker.ifttt.com/", "/bot1234567:", "1234567890:AA", "aaa8Q~", "a.atlasv1.", "1//0a", "access-production-",
    "access_token$production$", "?sig=", "?code=", "0123456789abcdef-us", "ConvertTo-SecureString '", "test_token.py:",
    "jwt.sign(", ";pwd=", "mc alias set a ", "vault login a", "sqlplus a/", "?key=a", "echo a | --password-stdin ",
    "ssh-keygen ", "bcp -P ", ':token "', "{:token, ",
    "echo a | sudo -S ", "twine -p ", "http -a a:", "smbclient -U a%", "lftp -u a,", "mysqladmin ",
    "rabbitmqctl add_user a ", "authtoken a", "token is ", "a:5432:a:", "jdbc:oracle:thin:a/", "PASSWORD('",
    "--from-literal=a=", " /p:", "A_KEY=a", "value: token value: ", "key=token value=", "\u00e9token",
]  # fmt: skip
SHORT, LONG = 10_000, 80_000
MAX_RATIO = 3 * LONG / SHORT  # of a square it would be 8 times as long again


def seconds(text: str) -> float:
    """The processor time of this thread for a text, the least of three times."""
    times = []
    for _ in range(3):
        started = time.thread_time()
        redact_text(text)
        times.append(time.thread_time() - started)
    return min(times)


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    short, long = (piece * (length // len(piece)) for length in (SHORT, LONG))
    assert seconds(long) < max(MAX_RATIO * seconds(short), 0.05)
