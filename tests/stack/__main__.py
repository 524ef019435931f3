"""`make test-stack`: builds the images of the stack, and runs its containers in namespaces of their own.

Nothing of it touches the machine's network, mounts or containers, and nothing is left but a cache of images.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.stack.daemon import BUILDING, running_daemon
from tests.stack.images import build_images

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hookmeter-stack"
# Each program that is needed, with its package in Debian.
PROGRAMS = {
    "dockerd": "docker.io",
    "docker-compose": "docker-compose",
    "mmdebstrap": "mmdebstrap",
    "iptables": "iptables",
    "ip": "iproute2",
    "setpriv": "util-linux",
    "openssl": "openssl",
    "curl": "curl",
}
# Whatever runs in the namespaces ends with their first process.
NAMESPACES = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")


def main() -> int:
    """Build the images with the network of the machine, then run the tests without it."""
    if os.geteuid():
        sys.exit("make test-stack runs a Docker daemon and containers of its own, which only root can do.")
    if missing := [package for program, package in PROGRAMS.items() if not shutil.which(program)]:
        sys.exit(f"make test-stack needs packages: apt-get install {' '.join(missing)}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock, TemporaryDirectory(prefix="hookmeter-stack-", dir="/tmp") as directory:
        fcntl.flock(lock, fcntl.LOCK_EX)
        Path(directory).chmod(0o755)
        images = CACHE / "images"
        with running_daemon(Path(directory), images, BUILDING) as docker:
            build_images(docker)
        pytest = [sys.executable, "-m", "pytest", "tests/stack", "--no-skips", *sys.argv[1:]]
        variables = {**os.environ, "HOOKMETER_STACK_DIRECTORY": directory, "HOOKMETER_STACK_IMAGES": str(images)}
        # The shell is the first process, which reaps those that have lost their parent.
        script = 'ip link set lo up && "$@"; exit "$?"'
        return subprocess.run([*NAMESPACES, "sh", "-c", script, "sh", *pytest], env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
