"""Boards, alerts and recording rules as files: the same records are always the same text."""

from __future__ import annotations

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import rules
from dashboards.addresses import HERE, Addresses
from dashboards.boards import BOARDS

ROOT = Path(__file__).parents[1]
FOLDER = Path("provisioning/grafana/dashboards")


def board_files(where: Addresses = HERE) -> dict[Path, str]:
    """Every board's file, by its path in the repository."""
    boards = [board() for board in BOARDS]
    return {FOLDER / f"{board.place.name}.json": board_text(board.model(where)) for board in boards}


def board_text(board: Dashboard) -> str:
    """A board as classic JSON, which is what file provisioning reads."""
    return json.dumps(board, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def files(where: Addresses = HERE) -> dict[Path, str]:
    """Everything that is made, by its path in the repository."""
    return board_files(where) | rules.files(where)


def build(where: Addresses = HERE, root: Path | None = None) -> list[Path]:
    """Write what is not as it should be, and remove boards that nothing makes any more: what was changed."""
    root = root or ROOT
    made, old = files(where), stale(where, root)
    for path in old:
        if path in made:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(made[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return old


def stale(where: Addresses = HERE, root: Path | None = None) -> list[Path]:
    """The files that are not as they would be written now, and boards that nothing makes any more."""
    root = root or ROOT
    made = files(where)
    left = {path.relative_to(root) for path in (root / FOLDER).glob("*.json")} - made.keys()
    return [path for path, text in made.items() if not _is(root / path, text)] + sorted(left)


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
