"""The images of the stack: those that are built here, and stand-ins for those that a registry has.

A stand-in has the name that the compose file or the Dockerfile asks for, and is made of Debian's packages, of Node as a
Python package has it, or of an engine that `.ci/engines` builds, in the version of its name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.dashboards.committed import ROOT
from tests.dashboards.compose import SERVICES
from tests.stack.daemon import Docker

STAND_INS = Path(__file__).parent / "stand_ins"
DEBIAN = "hookmeter-debian"
SYSTEMD = "hookmeter-systemd"
PACKAGES = "busybox,ca-certificates,python3,python3-venv"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
NOT_HERE = "grafana"  # which is in no registry of packages
# The engine of each image whose stand-in contains one.
ENGINES = {
    "prom/prometheus": "prometheus",
    "prom/alertmanager": "alertmanager",
    "victoriametrics/victoria-metrics": "victoriametrics",
    "victoriametrics/vmalert": "victoriametrics",
}
# A file system in memory makes the installation of packages twice as fast; it ends with the namespace.
MAKE_DEBIAN = 'mount -t tmpfs tmpfs "$TMPDIR" && exec mmdebstrap --quiet --variant=minbase "$@" bookworm -'


def build_images(docker: Docker) -> None:
    """Build what has changed since the last time."""
    _import_debian(docker)
    dockerfile = (ROOT / "Dockerfile").read_text()
    for base in re.findall(r"^FROM (\w+:\S+)", dockerfile, re.MULTILINE):
        _stand_in(docker, base)
    for name, service in SERVICES.items():
        if "build" not in service and name != NOT_HERE:
            _stand_in(docker, service["image"])
    # The stages have names, so that what they consist of is kept until they change.
    for stage in ("build", "claude"):
        _build(docker, f"hookmeter-{stage}", ROOT, "--target", stage)
    for service in SERVICES.values():
        if "build" in service:
            _build(docker, service["image"], ROOT, "--target", service["build"]["target"])
    with TemporaryDirectory() as checkout:
        copy_checkout(Path(checkout))
        Path(checkout, ".dockerignore").write_text("")  # which the package has, too
        _build(docker, SYSTEMD, Path(checkout), "--file", STAND_INS / "systemd.Dockerfile")
    docker.run("image", "prune", "--force")


def copy_checkout(directory: Path) -> None:
    """Copy the files that git tracks or could track, as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.split("\0"):
        if (ROOT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, directory / name)


def _build(docker: Docker, image: str, context: Path, *options: str | Path) -> None:
    docker.run("build", "--network", "host", "--tag", image, *options, context)


def _import_debian(docker: Docker) -> None:
    """Import a small Debian with Python, which trusts the authorities that this machine trusts."""
    with suppress(AssertionError):
        docker.run("image", "inspect", DEBIAN)
        return
    hooks = ['--customize-hook=ln -s python3 "$1/usr/bin/python"']
    if AUTHORITIES.exists():
        hooks.append(f"--customize-hook=copy-in {AUTHORITIES} {AUTHORITIES.parent}")
    with TemporaryDirectory() as scratch:
        words = ["unshare", "--mount", "sh", "-ec", MAKE_DEBIAN, "sh", f"--include={PACKAGES}", *hooks]
        archive = docker.directory / "debian.tar"
        with archive.open("wb") as file:
            subprocess.run(words, env={**os.environ, "TMPDIR": scratch}, stdout=file, check=True)
        docker.run("import", "--change", f"ENV PIP_CERT={AUTHORITIES}", archive, DEBIAN)
        archive.unlink()


def _stand_in(docker: Docker, image: str) -> None:
    repository, version = image.split(":")
    if repository == "python":
        docker.run("tag", DEBIAN, image)
        return
    context = STAND_INS
    if repository in ENGINES:
        context = _engine(f"{ENGINES[repository]}-{version.removeprefix('v')}")
    dockerfile = STAND_INS / f"{Path(repository).name}.Dockerfile"
    _build(docker, image, context, "--file", dockerfile, "--build-arg", f"VERSION={version.partition('-')[0]}")


def _engine(name: str) -> Path:
    """The directory of an engine's programs, which are built unless they were before."""
    built = subprocess.run(
        ["bash", ROOT / ".ci" / "engines" / "build", name], stdout=subprocess.PIPE, text=True, check=True
    )
    directory = Path(built.stdout.strip(), name)
    assert directory.exists(), f"{name}, which docker-compose.yml names, is not in .ci/engines/versions"
    return directory
