"""Errors in what a user entered or configured."""


class UserError(Exception):
    """Ends a command with exit code 2; the message is one sentence on what is wrong, where, and how to fix it."""


def cause_of(error: BaseException) -> str:
    """Why something failed: of an error of the system its words, without its number and path."""
    return getattr(error, "strerror", None) or str(error)
