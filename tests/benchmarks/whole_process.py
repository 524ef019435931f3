"""Time and memory of a command as a whole process, started by one too small to hide the memory of the other."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple


class Taken(NamedTuple):
    """The cost of one run; `peak_bytes` is the peak of its largest process."""

    seconds: float
    peak_bytes: int


def run(command: list[str], environment: Mapping[str, str] | None = None) -> Taken:
    """Run it from its start to its end; what it prints is thrown away."""
    starter = [sys.executable, "-S", "-m", __name__, *command]
    result = subprocess.run(starter, env={**os.environ, **(environment or {})}, check=True, capture_output=True)
    return Taken(*json.loads(result.stdout))


def main(command: list[str]) -> None:
    """Print the seconds and the peak bytes of a command."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024
    sys.stdout.write(json.dumps((seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit)))


if __name__ == "__main__":
    main(sys.argv[1:])
