from pathlib import Path

import pytest

from tests.exporter.commands.costs import (
    HAIKU,
    OTHER_SESSION,
    UNKNOWN,
)
from tests.support.hookmeter_process import Home
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, user_line, write


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def projects(home: Home) -> Path:
    return home.path / ".claude" / "projects"


@pytest.fixture
def spent(home: Home, projects: Path) -> Home:
    """Messages of three models, two projects, two agents, two days and two sessions."""
    cached = usage(10, 50, read=5_000, five=600, hour=400, server_tool_use={"web_search_requests": 3})
    path = projects / SLUG / f"{SESSION}.jsonl"
    partly = usage(10, 3, read=5_000, five=600, hour=400)
    write(
        path, user_line(), assistant_line(1, partly), assistant_line(1, cached), assistant_line(1, partly), user_line()
    )
    write(
        projects / SLUG / "fork.jsonl", assistant_line(1, cached), assistant_line(2, usage(1_000, 4_000), second=86_400)
    )
    agents = path.with_suffix("") / "subagents"
    write(agents / "agent-a.jsonl", assistant_line(3, usage(2_000, 100, read=10_000), model=HAIKU, isSidechain=True))
    (agents / "agent-a.meta.json").write_text('{"agentType":"Explore"}')
    unpriced = usage(7, 8, read=9, five=10, hour=11)
    line = assistant_line(4, unpriced, second=46_800, model=UNKNOWN, cwd="/srv/tools", sessionId=OTHER_SESSION)
    write(projects / "-srv-tools" / f"{OTHER_SESSION}.jsonl", line)
    return home
