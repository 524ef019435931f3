"""Programs that cannot run in a test: what is checked and done in their place, and which test runs them for real."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.docs.blocks import ROOT

PLACE = "HOOKMETER_DOCS_PLACE"  # the directory that has etc, srv and var of a world
COMPOSE_COMMANDS = {"up", "exec", "build", "pull", "restart", "down", "ps", "logs"}
OF_COMPOSE = {"-d", "-T", "--pull"}  # options without a value
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
    """`compose` with services and profiles that there are; what it executes in a container runs here. And `build`."""
    if words[0] in {"build", "push", "tag"}:
        require(words[0] != "build" or Path(words[-1], "Dockerfile").is_file(), f"no Dockerfile in {words[-1]}")
        return
    require(words[0] == "compose", f"docker {words[0]} is not known here")
    require(Path("docker-compose.yml").is_file(), f"{Path.cwd()} has no docker-compose.yml")
    services = yaml.safe_load(Path("docker-compose.yml").read_text(encoding="utf-8"))["services"]
    profiles, rest = _values("--profile", words[1:])
    users, rest = _values("--user", rest)
    arguments, rest = _values("--build-arg", rest)
    command, *named = (word for word in rest if word not in OF_COMPOSE)
    require(command in COMPOSE_COMMANDS, f"docker compose {command} is not known here")
    require(set(profiles) <= {name for each in services.values() for name in each.get("profiles", ())}, "a profile")
    require(len(users) <= 1, f"one user, not {users}")
    dockerfile = Path("Dockerfile").read_text(encoding="utf-8")
    require(all(f"ARG {name.partition('=')[0]}" in dockerfile for name in arguments), f"an ARG of {arguments}")
    inside = named[1:] if command == "exec" else []
    unknown = set(named[: len(named) - len(inside)]) - services.keys()
    require(not unknown, f"no services {unknown}")
    if inside:
        become(inside[2:] if inside[:2] == WITH_SECRETS else inside)


def _values(option: str, words: list[str]) -> tuple[list[str], list[str]]:
    """The values of an option, and the words without it, up to the command that runs in a container."""
    values, rest = [], list(words)
    end = next((at for at, word in enumerate(rest) if word in {"exporter", "server", "prometheus"}), len(rest))
    while option in rest[:end]:
        at = rest.index(option)
        values.append(rest[at + 1])
        del rest[at : at + 2]
        end -= 2
    return values, rest


def kubectl(words: list[str]) -> None:
    """`apply` of files that there are; what `exec` runs in a pod runs here."""
    if words[0] == "exec":
        become(words[words.index("--") + 1 :])
    require(words[0] in {"apply", "port-forward", "rollout", "create"}, f"kubectl {words[0]} is not known here")
    paths, _ = _values("-f", words)
    missing = [path for path in paths if not Path(path).is_file()]
    require(not missing, f"no manifests {missing}")


def sudo(words: list[str]) -> None:
    """The command, as the user of the test."""
    become(words[2:] if words[0].startswith("-") and words[0].endswith("u") else words)


def systemctl(words: list[str]) -> None:
    """Units that have been copied to where systemd reads them, or that packages bring."""
    units = [word for word in words[1:] if not word.startswith("-") and word not in {"enable", "restart", "reload"}]
    known = {path.name for path in Path(os.environ[PLACE], "etc", "systemd", "system").glob("*")}
    for unit in (word for word in units if word not in {"disable", "stop", "daemon-reload"}):
        file = re.sub(r"@\w+$", "@.service", unit)
        require(unit in UNITS or file in known, f"no unit {unit}")


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
    target = next(word for at, word in enumerate(words) if "=" not in word and words[at - 1] != "-C" and word != "-C")
    rules = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    require(re.search(rf"^{re.escape(target)}:", rules, re.MULTILINE) is not None, f"the Makefile has no {target}")


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
