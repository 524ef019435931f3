"""`hookmeter service`: hookmeter as a service of the user, which starts at login."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from chatserver.environment import process_environment
from exporter.hooks import settings_file
from exporter.hooks.program import program_words
from exporter.lifecycle.service_unit import LABEL, LAUNCHD, SYSTEMD, UNIT, kept_variables, launchd_agent, systemd_unit
from exporter.model.errors import cause_of
from exporter.terminal.messages import fail, say, say_text

Commands = tuple[tuple[str, ...], ...]
TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Manager:
    """What keeps services running: where a definition is, and the commands that follow its changes."""

    path: Path
    start: Commands
    stop: Commands
    removed: Commands = ()


def manager() -> Manager:
    """That of this system; the command fails where there is none that hookmeter supports."""
    home = Path.home()
    if sys.platform == SYSTEMD:
        control = ("systemctl", "--user")
        configuration = Path(process_environment().get("XDG_CONFIG_HOME") or home / ".config")
        reload, stop = (*control, "daemon-reload"), (*control, "disable", "--now", UNIT)
        start = (*control, "enable", "--now", UNIT)
        return Manager(configuration / "systemd" / "user" / UNIT, (reload, start), (stop,), (reload,))
    if sys.platform == LAUNCHD:
        path, domain = home / "Library" / "LaunchAgents" / f"{LABEL}.plist", f"gui/{os.getuid()}"
        return Manager(
            path, (("launchctl", "bootstrap", domain, str(path)),), (("launchctl", "bootout", f"{domain}/{LABEL}"),)
        )
    raise click.ClickException("services need systemd or launchd; start `hookmeter run` in another way")


@click.group()
def service() -> None:
    """Start hookmeter at login, and keep it running: by systemd, or by launchd on macOS (untested)."""


@service.command("install", short_help="Install and start the service.")
@click.option("--only", type=click.Choice(["exporter", "server"]), help="Run only one of the two.  [default: both]")
@click.option("--show", "shows", is_flag=True, help="Print the definition, and change nothing.")
def install_service(only: str | None, shows: bool) -> None:
    """Install and start a service of your account; it takes its settings from config.toml."""
    found, argv = manager(), (*program_words(), only or "run")
    environment = kept_variables(process_environment())
    is_launchd = found.path.suffix == ".plist"
    text = launchd_agent(argv, environment, Path.home()) if is_launchd else systemd_unit(argv, environment)
    if shows:
        say_text(text)
        return
    settings_file.write(found.path, text)
    say(f"{found.path}: runs {' '.join(argv)}")
    if failure := _failure(found.start):
        fail(f"the service is installed, but does not run: {failure}", 1)
    if not is_launchd:
        say("To have it run while you are not logged in: loginctl enable-linger")


@service.command("uninstall", short_help="Stop and remove the service.")
def uninstall_service() -> None:
    """Stop and remove the service; data and settings stay."""
    found = manager()
    say(f"{found.path}: removed" if remove_service(found) else f"there is no service {found.path}")


def remove_service(found: Manager) -> bool:
    """Stop and remove the service; False if there is none."""
    if not found.path.exists():
        return False
    failures = [_failure(found.stop)]
    settings_file.remove(found.path)
    failures.append(_failure(found.removed))
    for failure in filter(None, failures):
        say(failure)
    return True


def _failure(commands: Sequence[Sequence[str]]) -> str | None:
    """Run commands of the service manager; why one could not run, with what is left for the user to run."""
    for number, command in enumerate(commands):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
            failure = "" if done.returncode == 0 else " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        except FileNotFoundError:
            failure = "it is not on PATH"
        except (OSError, subprocess.SubprocessError) as error:
            failure = cause_of(error)
        if failure:
            left = " && ".join(" ".join(each) for each in commands[number:])
            return f"{command[0]} failed ({failure}); where it works, run: {left}"
    return None
