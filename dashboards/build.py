"""Boards, alerts and recording rules as files; the same records always give the same text."""

from __future__ import annotations

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from grafana_foundation_sdk.models.resource import Manifest

from dashboards import rules
from dashboards.addresses import LOCAL, Addresses
from dashboards.boards import BOARDS
from dashboards.resource import to_resource

ROOT = Path(__file__).parents[1]
BOARDS_DIR = Path("provisioning/grafana/dashboards")
RESOURCES_DIR = Path("provisioning/grafana/git-sync")


def board_files(addresses: Addresses = LOCAL) -> dict[Path, str]:
    """The text of each board, by its path in the repository: for file provisioning, and for Git Sync."""
    boards = {f"{board.info.name}.json": board.to_grafana(addresses) for board in (board() for board in BOARDS)}
    classic = {BOARDS_DIR / name: _json(board) for name, board in boards.items()}
    return classic | {RESOURCES_DIR / name: _json(to_resource(board)) for name, board in boards.items()}


def _json(model: Dashboard | Manifest) -> str:
    return json.dumps(model, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def files(addresses: Addresses = LOCAL) -> dict[Path, str]:
    """The text of each generated file, by its path in the repository."""
    return board_files(addresses) | rules.files(addresses)


def build(addresses: Addresses = LOCAL, root: Path | None = None) -> list[Path]:
    """Write stale files and remove leftover boards; return the changed paths."""
    root = root or ROOT
    generated, changed = files(addresses), stale(addresses, root)
    for path in changed:
        if path in generated:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(generated[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return changed


def stale(addresses: Addresses = LOCAL, root: Path | None = None) -> list[Path]:
    """List the files whose text differs from the generated one, and leftover boards that nothing generates."""
    root = root or ROOT
    generated = files(addresses)
    existing = (path for directory in (BOARDS_DIR, RESOURCES_DIR) for path in (root / directory).glob("*.json"))
    leftover = {path.relative_to(root) for path in existing} - generated.keys()
    return [path for path, text in generated.items() if not _has_text(root / path, text)] + sorted(leftover)


def _has_text(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
