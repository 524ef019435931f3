"""The one place where the server reads its environment; the variables of options are read by click."""

from __future__ import annotations

import os


def process_environment() -> dict[str, str]:
    """A copy of this process's environment."""
    return dict(os.environ)


def take_variable(name: str) -> str | None:
    """Read a variable and remove it, so that no child process inherits it; None where it is not set."""
    return os.environ.pop(name, None)


def leave_variable(name: str, value: str) -> None:
    """Set a variable, for the program that this process becomes or for who reads the settings next."""
    os.environ[name] = value
