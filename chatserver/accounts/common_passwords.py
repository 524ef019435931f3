"""Passwords that attackers try first: those that leaked most often, in Django's list (common_passwords.LICENSE)."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("common_passwords.txt.gz")


def is_common(password: str) -> bool:
    """Whether a password is in the list, however it is capitalized."""
    return password.strip().lower() in _listed()


@cache
def _listed() -> frozenset[str]:
    return frozenset(gzip.decompress(FILE.read_bytes()).decode().splitlines())
