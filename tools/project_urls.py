"""The project's addresses in the metadata of its package: those of the repository that it is built from.

hatchling runs this at each build (`[tool.hatch.metadata.hooks.custom]` in pyproject.toml), so that the package of a
fork names the fork.
"""

from __future__ import annotations

import ipaddress
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hatchling.metadata.plugin.interface import MetadataHookInterface

SSH = re.compile(r"(?:[^@/:]+@)?(?P<host>[^/:@]+):(?!/)(?P<path>.+)")  # git@host:owner/repository.git
PAGES = {"Documentation": "tree/HEAD/docs", "Changelog": "blob/HEAD/CHANGELOG.md", "Issues": "issues"}
# Where a forge has pages of a repository, below the repository's own address.
FORGES = {"github.com": "", "gitlab.com": "-/"}


class ProjectUrls(MetadataHookInterface):
    """The hook that hatchling calls with the metadata of pyproject.toml."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the addresses, if the repository has one that others can open."""
        metadata["urls"] = project_urls(_remote(Path(self.root)))


def project_urls(remote: str) -> dict[str, str]:
    """Addresses by their names in the metadata, from that of a git remote; none if it is a path, or only known locally.

    User names and tokens in the remote are dropped: metadata are public.
    """
    try:
        parts = urlsplit(SSH.sub(r"ssh://\g<host>/\g<path>", remote) if SSH.fullmatch(remote) else remote)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # a name that is no address: it is a matter of git, and no reason not to build
        return {}
    path = parts.path.strip("/").removesuffix(".git")
    if parts.scheme not in {"https", "http", "ssh"} or not path or not _is_public(host):
        return {}
    web = "https" if parts.scheme == "ssh" else parts.scheme
    source = f"{web}://{host}:{port}/{path}" if port and parts.scheme != "ssh" else f"{web}://{host}/{path}"
    pages = {name: f"{source}/{FORGES[host]}{page}" for name, page in PAGES.items()} if host in FORGES else {}
    return {"Source": source, **pages}


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host


def _remote(root: Path) -> str:
    """The address of `origin`, or nothing where this directory itself is no repository, but maybe in that of others."""
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "remote", "get-url", "origin"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:  # without git
        return ""
