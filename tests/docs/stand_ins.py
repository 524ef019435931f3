"""Programs that cannot run in a test: what is checked and done in their place, and which test runs them for real."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from argparse import REMAINDER, ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.docs.blocks import ROOT

PLACE = "HOOKMETER_DOCS_PLACE"  # the directory that has etc, srv and var of a world
COMPOSE = "docker-compose.yml"
WITH_SECRETS = ["sh", "/with-secrets.sh"]
UNITS = {"hookmeter", "hookmeter.service", "prometheus", "prometheus-alertmanager", "grafana-server"}  # of packages


@dataclass(frozen=True, slots=True)
class StandIn:
    """What is done instead of a program, and what runs it for real."""

    run: Callable[[list[str]], None]
    really: str


def become(words: list[str]) -> None:
    """Run a command in the place of this process."""
    sys.stdout.flush()
    os.execvp(words[0], words)


def require(holds: bool, complaint: str) -> None:
    """Fail the command with a message."""
    if not holds:
        sys.exit(f"stand-in: {complaint}")


def docker(words: list[str]) -> None:
    """`build` of what has a Dockerfile, and `compose`."""
    if words[0] == "build":
        require(Path(words[-1], "Dockerfile").is_file(), f"{words[-1]} has no Dockerfile")
        return
    require(words[0] == "compose", f"docker {words[0]} is not known here")
    compose(words[1:])


def compose(words: list[str]) -> None:
    """Check services, profiles and arguments of images; what `exec` runs in a container runs here."""
    require(Path(COMPOSE).is_file(), f"{Path.cwd()} has no {COMPOSE}")
    services = yaml.safe_load(Path(COMPOSE).read_text(encoding="utf-8"))["services"]
    profiles = {name for service in services.values() for name in service.get("profiles", ())}
    parser = ArgumentParser()
    parser.add_argument("--profile", action="append", choices=profiles)
    commands = parser.add_subparsers(dest="command", required=True)
    up, build, execute = (commands.add_parser(name) for name in ("up", "build", "exec"))
    up.add_argument("-d", action="store_true")
    build.add_argument("--pull", action="store_true")
    build.add_argument("--build-arg", default="", type=argument_of_image)
    for command in (up, build):
        command.add_argument("services", nargs="*", choices=[*services, []])
    execute.add_argument("-T", action="store_true")
    execute.add_argument("--user")
    execute.add_argument("service", choices=services)
    execute.add_argument("inside", nargs=REMAINDER)
    inside = getattr(parser.parse_args(words), "inside", [])
    if inside:
        become(inside[2:] if inside[:2] == WITH_SECRETS else inside)


def argument_of_image(text: str) -> str:
    """An argument that the Dockerfile has."""
    require(f"ARG {text.partition('=')[0]}" in Path("Dockerfile").read_text(encoding="utf-8"), f"no ARG {text}")
    return text


def kubectl(words: list[str]) -> None:
    """`apply` of files that there are; what `exec` runs in a pod runs here."""
    parser = ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    apply, execute, rollout = (commands.add_parser(name) for name in ("apply", "exec", "rollout"))
    apply.add_argument("-f", action="append", required=True, type=existing_file)
    execute.add_argument("target", choices=["deploy/hookmeter"])
    execute.add_argument("inside", nargs=REMAINDER)
    rollout.add_argument("action", choices=["restart", "status"])
    rollout.add_argument("target", choices=["deploy/hookmeter"])
    inside = getattr(parser.parse_args(words), "inside", [])
    if inside:
        become([word for word in inside if word != "--"])


def existing_file(text: str) -> Path:
    """The path of a file that is there."""
    require(Path(text).is_file(), f"no file {text}")
    return Path(text)


def sudo(words: list[str]) -> None:
    """The command, as the user of the test."""
    become(words[2:] if words[0].startswith("-") and words[0].endswith("u") else words)


def systemctl(words: list[str]) -> None:
    """Units that have been copied to where systemd reads them, that hookmeter writes, or that packages bring."""
    parser = ArgumentParser()
    parser.add_argument("--user", action="store_true")
    parser.add_argument("--now", action="store_true")
    parser.add_argument("command", choices=["enable", "restart", "reload", "daemon-reload", "disable"])
    parser.add_argument("units", nargs="*")
    copied = {path.name for path in Path(os.environ[PLACE], "etc", "systemd", "system").iterdir()}
    for unit in parser.parse_intermixed_args(words).units:
        require(unit in UNITS or re.sub(r"@\w+$", "@.service", unit) in copied, f"no unit {unit}")


def git(words: list[str]) -> None:
    """`clone` gives what the commands after it use; `pull` has nothing new."""
    if "pull" in words:
        return
    require(words[0] == "clone", f"git {words[0]} is not known here")
    target = Path(words[-1])
    for name in ("provisioning", "docs"):
        shutil.copytree(ROOT / name, target / name)
    (target / ".venv" / "bin").mkdir(parents=True)
    (target / ".venv" / "bin" / "hookmeter").symlink_to(Path(sys.executable).with_name("hookmeter"))


def make(words: list[str]) -> None:
    """A target of the Makefile."""
    parser = ArgumentParser()
    parser.add_argument("-C")
    parser.add_argument("target")
    parser.add_argument("variables", nargs="*")
    target = re.escape(parser.parse_args(words).target)
    rules = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    require(re.search(rf"^{target}:", rules, re.MULTILINE) is not None, f"the Makefile has no {target}")


def installer(words: list[str]) -> None:
    """An installation of this package, with an extra that it has, or of one that is installed."""
    rest = words[1:] if words[0] == "tool" else words
    require(rest[0] in {"install", "upgrade", "uninstall"}, f"{rest} is not known here")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.findall(r"\[(\w+)\]", rest[-1])
    require(set(extras) <= project["optional-dependencies"].keys(), f"no extra {extras}")
    if rest[0] != "install":
        require(rest[-1] == project["name"], f"{rest[-1]} is not {project['name']}")


def nothing(_: list[str]) -> None:
    """Leave the machine as it is."""


STAND_INS = {
    "docker": StandIn(docker, "tests/stack/test_containers.py"),
    "kubectl": StandIn(kubectl, "tests/dashboards/test_kubernetes.py checks the manifests; no cluster runs them"),
    "sudo": StandIn(sudo, "tests/stack/test_systemd.py"),
    "systemctl": StandIn(systemctl, "tests/stack/test_systemd.py"),
    "useradd": StandIn(nothing, "tests/stack/test_systemd.py"),
    "chgrp": StandIn(nothing, "tests/dashboards/test_alert_receiver.py has the file that it is about"),
    "apt": StandIn(nothing, ".ci/run installs the same packages"),
    "git": StandIn(git, ".ci/run starts from a clone"),
    "make": StandIn(make, ".ci/run uses the same Makefile"),
    "uv": StandIn(installer, "tests/test_wheel.py"),
    "pipx": StandIn(installer, "tests/test_wheel.py"),
}


if __name__ == "__main__":
    STAND_INS[sys.argv[1]].run(sys.argv[2:])
