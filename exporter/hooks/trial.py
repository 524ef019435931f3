"""What may be tried of that which settings name: this package's own script with a known interpreter, and nothing else.

Settings may be those of a repository that somebody has just cloned, so that no part of them may run: neither a program
that they name, nor an argument.
"""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path

DOES_NOT_RUN = "does not run"
OTHER_VERSION = "is not the one of this version"
OTHER_ARGUMENTS = "has other arguments than those of this version"


def difference(script: Path, interpreter: str, own_script: Path, own_interpreter: str) -> str:
    """How a script and an interpreter in settings differ from this package's own; empty if they are the same."""
    try:
        if not (script.exists() and os.access(interpreter, os.X_OK)):
            return DOES_NOT_RUN
        if not filecmp.cmp(script, own_script, shallow=False):  # False for what is not a regular file
            return OTHER_VERSION
    except (OSError, ValueError):
        return DOES_NOT_RUN
    if os.path.realpath(interpreter) != os.path.realpath(own_interpreter):
        return f"runs with {interpreter} instead of {own_interpreter}"
    return ""


def installed(program: str) -> str | None:
    """The path of a program; directories of PATH that depend on the current directory are left out."""
    return shutil.which(program, path=os.pathsep.join(filter(os.path.isabs, os.get_exec_path())))
