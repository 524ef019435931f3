"""What is raised where the database does not answer, and what its users read then."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeoutError)
NO_ANSWER = "The database does not answer; try again in 10 seconds."


def cause(error: Exception) -> object:
    """The error of the database itself, without the statement."""
    return getattr(error, "orig", None) or error
