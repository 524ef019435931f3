"""How hookmeter is called on this machine, for commands that people copy."""

from __future__ import annotations

import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

NAME = "hookmeter"


def program() -> str:
    """The command that runs this hookmeter in any shell: its name, or its path if it is not on everybody's PATH."""
    script = _script()
    if script is None:
        return f"{shlex.quote(sys.executable)} -m chatserver"
    found = shutil.which(NAME)
    is_on_path = found is not None and Path(found).samefile(script)
    # The PATH of an activated environment is that of one terminal only.
    is_activated = sys.prefix != sys.base_prefix and found is not None and Path(found).is_relative_to(sys.prefix)
    return NAME if is_on_path and not is_activated else shlex.quote(str(script))


def _script() -> Path | None:
    """The script that runs hookmeter with this interpreter, if it is installed as one."""
    directories = (
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", "posix_user"),
        Path(sys.executable).parent,
    )
    scripts = (Path(directory) / NAME for directory in directories)
    return next((script for script in scripts if script.is_file()), None)
