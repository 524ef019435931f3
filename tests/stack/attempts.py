"""What a task may try to become the server, and what it must not find."""

from __future__ import annotations

# Each is one call of Bash, with the directory of the server's database, its key, and its process; no single quotes.
ATTEMPTS = (
    "id -u; grep CapEff /proc/self/status",
    'for pid in /proc/[0-9]*; do for name in environ mem maps fd/3 fd/4 fd/5; do head -c 4096 "$pid/$name"; done; done',
    "cat /proc/1/environ; kill -9 1 {server}",
    "ls -la {data}; cat {data}/server.sqlite3 {data}/ledger.sqlite3 {secret}",
    "echo x > {data}/server.sqlite3; mv {data} {data}.away; touch {secret}",
    'exec 3<>/dev/tcp/127.0.0.1/3000; printf "GET /api/tasks HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n" >&3; cat <&3',
    "env",
)
FORBIDDEN = ("SQLite format", "JWT_SECRET_KEY", "PGPASSWORD", "CREDENTIALS_DIRECTORY")


def attempts(**places: str | int) -> list[str]:
    """The commands, none of which fails or waits."""
    return [f"timeout 20 bash -c '{text.format(**places)}' 2>&1; true" for text in ATTEMPTS]


def assert_nothing_was_found(found: str, uid: int, *secrets: str) -> None:
    """Fail if the output of the commands shows more than a task may see."""
    assert f"{uid}\\nCapEff:\\t0000000000000000" in found
    assert [secret for secret in (*FORBIDDEN, *secrets) if secret in found] == []
    assert found.count("Permission denied") > 10
    assert "Operation not permitted" in found
    assert " 401 UNAUTHORIZED" in found
