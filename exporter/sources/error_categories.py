"""Classifies failed calls by their error text, with a table of patterns, the most specific first."""

from __future__ import annotations

import re
from functools import lru_cache

from exporter.model.records import ErrorCategory, Outcome

READ_CHARACTERS = 1_000  # the reason comes first; the output of a failed build after it would only mislead

# Matched at the start of the text only: the output of a failed command may contain anything.
DENIALS = re.compile(
    r"The user doesn't want to (?:proceed with|take) this|The tool use was rejected|Claude requested permissions? to "
    r"|This (?:Bash )?command .{0,200}?requires approval|Permission to use \S+ .{0,900}?denied"
    r"|Permission for this .{0,200}?denied|Hook PreToolUse\S* denied|PreToolUse\S* hook error",
    re.IGNORECASE | re.DOTALL,
)
INTERRUPTIONS = re.compile(r"\[Request interrupted by user|Interrupted by user", re.IGNORECASE)

PATTERNS: tuple[tuple[ErrorCategory, re.Pattern[str]], ...] = tuple(
    (category, re.compile(pattern, re.IGNORECASE))
    for category, pattern in (
        (
            ErrorCategory.INTERRUPTED,
            r"Sibling tool call errored|Exit code 130\b"
            r"|\b(?:command|request|operation|execution) (?:was )?(?:aborted|interrupted|cancell?ed)",
        ),
        (
            ErrorCategory.VALIDATION_ERROR,
            r"InputValidationError|<tool_use_error>Blocked:|No such tool available|File has not been read yet"
            r"|File has been modified since read"
            r"|String to replace not found|matches of the string to replace|Unknown skill|required parameter"
            r"|non-uuid id|invalid (?:argument|parameter|input|option)|exceeds maximum allowed|No changes to make",
        ),
        (ErrorCategory.COMMAND_NOT_FOUND, r"command not found|not found in PATH|Exit code 127\b|: not found$"),
        (ErrorCategory.TIMEOUT, r"\btimed? ?out\b|ETIMEDOUT|deadline exceeded|Exit code 124\b"),
        (
            ErrorCategory.NETWORK_ERROR,
            r"ECONNREFUSED|ECONNRESET|\bENOTFOUND|EAI_AGAIN|Could not resolve host|connection (?:refused|reset)"
            r"|network is unreachable|failed to connect|getaddrinfo|SSL certificate|status code [45]\d\d"
            r"|\(HTTP [45]\d\d\)",
        ),
        (
            ErrorCategory.RESOURCE_ERROR,
            r"ENOSPC|No space left|ENOMEM|out of memory|Cannot allocate memory|too many open files|\bEMFILE"
            r"|Exit code 137\b|quota exceeded|rate limit",
        ),
        (
            ErrorCategory.PERMISSION_DENIED,
            r"EACCES|\bEPERM\b|permission denied|operation not permitted|Exit code 126\b",
        ),
        (
            ErrorCategory.GIT_ERROR,
            r"(?m:^fatal: )|not a git repository|merge conflict|git(?: [\w-]+)?: .*error|error: could not apply "
            r"|would be overwritten by (?:merge|checkout)|ignored by one of your \.gitignore files|usage: git ",
        ),
        (
            ErrorCategory.FILE_NOT_FOUND,
            r"ENOENT|No such file or directory|(?:File|Path|Directory) does not exist|(?:file|directory) not found"
            r"|cannot access",
        ),
        (ErrorCategory.SYNTAX_ERROR, r"SyntaxError|syntax error|unexpected token|parse error|IndentationError"),
        (ErrorCategory.COMMAND_FAILED, r"Exit code \d+|exited with code|non-zero exit|command failed"),
    )
)


@lru_cache(maxsize=256)
def categorize(error: str) -> ErrorCategory:
    """The category of an error text; OTHER if no pattern matches."""
    head = error[:READ_CHARACTERS]
    return next((category for category, pattern in PATTERNS if pattern.search(head)), ErrorCategory.OTHER)


def failure_outcome(error: str, *, interrupted: bool = False) -> Outcome:
    """The outcome that a failure's text implies: DENIED or INTERRUPTED by a person, or ERROR."""
    head = error[:READ_CHARACTERS]
    if interrupted or INTERRUPTIONS.match(head):
        return Outcome.INTERRUPTED
    return Outcome.DENIED if DENIALS.match(head.removeprefix("<tool_use_error>")) else Outcome.ERROR
