"""A Claude Code that has managed settings, which are in /etc."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import executable
from tests.e2e.workplace import Workplace

# Runs a program that sees the directory given first laid over its own /etc, and that no other process sees there.
WITH_ETC = 'mount -t overlay overlay -o lowerdir="$0":/etc /etc && exec "$@"'


def with_managed_settings(workplace: Workplace) -> tuple[Workplace, Path]:
    """The workplace with a Claude Code that reads managed settings, and their file, which is to be written."""
    etc = workplace.directory / "etc"
    file = etc / "claude-code" / "managed-settings.json"
    file.parent.mkdir(parents=True)
    command = [executable("unshare"), "--map-root-user", "--mount", "sh", "-c", WITH_ETC, str(etc)]
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine forbids mounts in a namespace of their own")
    cli = workplace.directory / "claude"
    cli.write_text(f'#!/bin/sh\nexec {shlex.join([*command, workplace.cli])} "$@"\n')
    cli.chmod(0o755)
    return replace(workplace, cli=str(cli)), file
