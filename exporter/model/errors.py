"""What is wrong with what a user gave, or with the place that it was given for."""


class UserError(Exception):
    """The message is one sentence that says what, where and how to mend it; the command ends with it, exit code 2."""
