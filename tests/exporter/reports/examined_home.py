"""A home that the doctor examines."""

from __future__ import annotations

import re

from tests.support.hookmeter_process import Home

VERDICTS = {"ok", "info", "error"}


def examined(home: Home, listen: str, *words: str) -> tuple[int, list[tuple[str, str, str]]]:
    """The exit code, and each finding: its verdict, its subject, and its message, followed by the remedy."""
    result = home.run("doctor", "--metrics-listen", listen, *words)
    assert result.stderr == ""
    found: list[tuple[str, str, str]] = []
    for text in result.stdout.splitlines():
        verdict, *others = re.split(" {2,}", text, maxsplit=2)
        if verdict:
            assert verdict in VERDICTS
            found.append((verdict, others[0], others[1]))
        else:
            found[-1] = (*found[-1][:2], f"{found[-1][2]} -> {others[0]}")
    return result.returncode, found


def errors(home: Home, listen: str, *words: str) -> list[str]:
    """The errors, each with its remedy; the exit code must be that of errors."""
    code, found = examined(home, listen, *words)
    assert code == 1
    messages = [message for verdict, _, message in found if verdict == "error"]
    assert all(" -> " in message for message in messages)
    return messages
