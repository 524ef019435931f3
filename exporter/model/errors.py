"""Errors in what a user entered or configured."""


class UserError(Exception):
    """Ends a command with exit code 2; the message is one sentence on what is wrong, where, and how to fix it."""
