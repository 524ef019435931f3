"""How hookmeter is called on this machine, for commands that people copy."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

NAME = "hookmeter"


def program() -> str:
    """The command that runs this hookmeter in any shell: its name, or its path if it is not on everybody's PATH."""
    script, found = _script(), shutil.which(NAME)
    if script is None:
        return shlex.join(program_words())
    is_on_path = found is not None and Path(found).samefile(script)
    # The PATH of an activated environment is that of one terminal only; an image has that of its environment for all.
    is_activated = os.environ.get("VIRTUAL_ENV") == sys.prefix
    return NAME if is_on_path and not is_activated else shlex.quote(str(script))


def program_words() -> tuple[str, ...]:
    """The words that run this hookmeter without any PATH; a link to it, which upgrades keep, if PATH has one."""
    script, found = _script(), shutil.which(NAME)
    if script is None:
        return sys.executable, "-m", "chatserver"
    return (str(Path(found).absolute() if found and Path(found).samefile(script) else script),)


def _script() -> Path | None:
    """The script that runs hookmeter with this interpreter, if it is installed as one."""
    directories = (
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", "posix_user"),
        Path(sys.executable).parent,
    )
    scripts = (Path(directory) / NAME for directory in directories)
    return next((script for script in scripts if script.is_file()), None)
