"""The list of boards, one file each."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.board import Board
from dashboards.boards import agents, cost, meter, overview, quota, tasks, tools

BOARDS: tuple[Callable[[], Board], ...] = (
    overview.board,
    cost.board,
    tools.board,
    agents.board,
    tasks.board,
    quota.board,
    meter.board,
)
