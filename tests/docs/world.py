"""The machine of somebody who follows the documentation: a home, a working directory and programs."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history, write_waiting_sessions
from exporter.model.clock import now_us
from tests.docs.blocks import ROOT
from tests.docs.stand_ins import PLACE, STAND_INS
from tests.e2e.processes import free_port
from tests.support.hookmeter_process import HOOKMETER, Home

PRELUDE = Path(__file__).with_name("prelude.bash").read_text(encoding="utf-8")
TIMEOUT_SECONDS = 60
PASSWORD = "a long pass phrase"  # of an account that a test creates
# Directories of the machine, which are below a world's own directory here.
OF_THE_MACHINE = re.compile(r"(?<![\w.~*/:-])/(?=(?:etc|srv|var|tmp|prometheus)\b)")
COUNTED, SERVED = "all existing logs are counted", "hookmeter serves http://{server}/"
# Programs that go on until they are ended, and what they print once they are ready.
SERVERS = (
    (re.compile(r"^(?:\w+=\S+ )*hookmeter run\b"), (COUNTED, SERVED)),
    (re.compile(r"^(?:\w+=\S+ )*hookmeter exporter\b"), (COUNTED,)),
    (re.compile(r"^(?:\w+=\S+ )*hookmeter server\b"), (SERVED,)),
    (re.compile(r"^prometheus "), ("Server is ready to receive web requests",)),
    (re.compile(r"^curl -sN "), ("data: ",)),
)
DIRECTORIES = (
    "home/work", "home/.local/bin", "bin", "etc/default", "etc/prometheus/rules", "etc/hookmeter", "etc/systemd/system",
    "etc/grafana/provisioning/dashboards", "etc/grafana/provisioning/alerting", "srv", "var/lib/prometheus", "tmp",
    "prometheus",
)  # fmt: skip
CRON_PATH = "/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class World:
    """A home with or without sessions, `etc`, `srv` and `var` of a machine, and ports that nothing else uses."""

    root: Path
    exporter: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    server: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    def prepare(self, real_programs: Mapping[str, str]) -> None:
        """Make the directories, and the programs: hookmeter, stand-ins, and real ones by their command lines."""
        for name in DIRECTORIES:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / "home" / ".local" / "bin" / "hookmeter").symlink_to(HOOKMETER)
        for name in STAND_INS:
            self._add(name, f"PYTHONPATH={ROOT} exec {sys.executable} -m tests.docs.stand_ins {name}")
        for name, command in real_programs.items():
            self._add(name, f"exec {command}")

    def _add(self, name: str, command: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\n{command} "$@"\n', encoding="utf-8")
        path.chmod(0o755)

    def environment(self, path: str) -> dict[str, str]:
        return {
            "HOME": str(self.home.path), "PATH": path, "TZ": "UTC", "LANG": "C.UTF-8",
            "TMPDIR": str(self.root),
            "HOOKMETER_METRICS_LISTEN": self.exporter, "HOOKMETER_LISTEN": self.server,
            "HOOKMETER_MANAGED_SETTINGS": str(self.root / "managed-settings.json"),
            PLACE: str(self.root), "PASSWORD": PASSWORD, **self.variables,
        }  # fmt: skip

    def placed(self, text: str) -> str:
        """Commands with the paths of the machine below this world, and with its ports."""
        text = re.sub(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0):3000\b", self.server, text)
        text = re.sub(r"(?:127\.0\.0\.1|0\.0\.0\.0):19464\b", self.exporter, text)
        return OF_THE_MACHINE.sub(f"{self.root}/", text)

    def run(self, commands: str, *, cron: bool = False) -> str:
        """What commands print, standard error included; any that fails fails the test."""
        script = PRELUDE + "\n".join(map(self._served, self.placed(commands).splitlines())) + "\n"
        own = f"{self.bin}:{self.root}/home/.local/bin"
        environment = self.environment(CRON_PATH if cron else f"{own}:{os.environ['PATH']}")
        process = subprocess.Popen(
            ["bash", "-c", script], cwd=self.home.path / "work", env=environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == 0, f"{commands}\nexited with {process.returncode}:\n{output}"
        return output

    def _served(self, line: str) -> str:
        """A line; of a server, one that starts it and goes on once it is ready."""
        for pattern, texts in SERVERS:
            if pattern.search(line):
                return shlex.join(("serve", line, *(text.format(server=self.server) for text in texts)))
        return line


def write_sample(home: Path) -> None:
    """Write sessions of the last day, three of which wait for people, and the ledger of an exporter that read them."""
    of_home = Home(home)
    directories = DemoDirectories(of_home.sessions, home / ".claude" / "projects")
    write_history(directories, now_us())
    write_waiting_sessions(directories, now_us())
    with of_home.exporting():
        pass
