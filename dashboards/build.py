"""Boards, alerts and recording rules as files; the same records always give the same text."""

from __future__ import annotations

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import rules
from dashboards.addresses import LOCAL, Addresses
from dashboards.boards import BOARDS

ROOT = Path(__file__).parents[1]
BOARDS_DIR = Path("provisioning/grafana/dashboards")


def board_files(addresses: Addresses = LOCAL) -> dict[Path, str]:
    """The text of each board, by its path in the repository."""
    boards = [board() for board in BOARDS]
    return {BOARDS_DIR / f"{board.info.name}.json": board_text(board.to_grafana(addresses)) for board in boards}


def board_text(board: Dashboard) -> str:
    """A board as classic JSON, the format of file provisioning."""
    return json.dumps(board, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


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
    leftover = {path.relative_to(root) for path in (root / BOARDS_DIR).glob("*.json")} - generated.keys()
    return [path for path, text in generated.items() if not _has_text(root / path, text)] + sorted(leftover)


def _has_text(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
