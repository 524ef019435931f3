"""What is raised where the database does not answer or cannot be written, and what its users read then."""

from __future__ import annotations

import re

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeoutError)
NO_ANSWER = "does not answer"
# What a database that does answer says, and what is wrong with it then.
STATES = (
    (re.compile(r"disk is full|No space left on device"), "has no space left on its disk"),
    (re.compile(r"read-?only (?:database|transaction)"), "is read-only"),
)


def cause(error: Exception) -> object:
    """The error of the database itself, without the statement."""
    return getattr(error, "orig", None) or error


def state(error: Exception) -> str:
    """What the database does or is, such as "does not answer"."""
    said = str(cause(error))
    return next((state for pattern, state in STATES if pattern.search(said)), NO_ANSWER)


def refusal(error: Exception) -> str:
    """The sentence for whoever asked for something that needs the database."""
    return f"The database {state(error)}; try again in 10 seconds."
