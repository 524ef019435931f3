"""A Docker daemon of its own for the tests: it shares neither state nor socket with one that the machine may run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.e2e.processes import wait_for

# Builds use the network of the machine, because they install packages; containers run in a namespace of the tests.
BUILDING = ("--bridge=none", "--iptables=false")
# A whole stack starts at once, on few processors.
wait_long = partial(wait_for, seconds=240)
CGROUP = "hookmeter-stack"
# A daemon would use a containerd of the machine if it found the socket. Its own mounts vanish with the namespace.
IN_NAMESPACE = '[ ! -d /run/containerd ] || mount -t tmpfs tmpfs /run/containerd; exec dockerd "$@"'


@dataclass(frozen=True, slots=True)
class Docker:
    """A client of the daemon in a directory."""

    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which clients find the daemon, and with which they build without plugins."""
        address = {"DOCKER_HOST": f"unix://{self.directory}/docker.sock", "DOCKER_CONFIG": str(self.directory)}
        return {**address, "DOCKER_BUILDKIT": "0", "COMPOSE_DOCKER_CLI_BUILD": "0"}

    def run(self, *words: str | Path, text: str = "") -> str:
        """The output of a `docker` command."""
        finished = subprocess.run(
            ["docker", *words], env={**os.environ, **self.environment}, input=text,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert finished.returncode == 0, f"docker {' '.join(map(str, words))}: {finished.stdout}"
        return finished.stdout.strip()

    def is_there(self) -> bool:
        """Whether the daemon answers."""
        with suppress(AssertionError):
            return bool(self.run("version"))
        return False


@contextmanager
def running_daemon(directory: Path, images: Path, flags: Sequence[str] = ()) -> Iterator[Docker]:
    """Run a daemon with its state in `images`, and its socket and log in `directory`."""
    docker = Docker(directory)
    command = [
        f"--data-root={images}", f"--exec-root={directory}/exec", f"--pidfile={directory}/docker.pid",
        f"--host=unix://{directory}/docker.sock", f"--cgroup-parent=/{CGROUP}",
        "--exec-opt=native.cgroupdriver=cgroupfs", *flags,
    ]  # fmt: skip
    with (
        (directory / "dockerd.log").open("a") as log,
        subprocess.Popen(["unshare", "--mount", "sh", "-c", IN_NAMESPACE, "dockerd", *command],
                         stdout=log, stderr=log) as process,
    ):  # fmt: skip
        try:
            wait_long(lambda: docker.is_there() or process.poll() is not None, "the Docker daemon")
            assert process.poll() is None, (directory / "dockerd.log").read_text()
            _remove_leftovers(docker)
            yield docker
        finally:
            process.terminate()
    for cgroup in (*Path("/sys/fs/cgroup").glob(f"*/{CGROUP}"), Path("/sys/fs/cgroup", CGROUP)):
        with suppress(OSError):
            cgroup.rmdir()


def _remove_leftovers(docker: Docker) -> None:
    """Remove what a run that was killed left among the images."""
    if containers := docker.run("ps", "--all", "--quiet").split():
        docker.run("rm", "--force", "--volumes", *containers)
    docker.run("volume", "prune", "--force")
    docker.run("network", "prune", "--force")
