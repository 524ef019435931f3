"""Which tasks are accepted, and within which limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.settings import TaskSettings
from chatserver.storage.database import Database
from chatserver.tasks.budget import day_start_us
from chatserver.tasks.errors import (
    BudgetSpentError,
    InvalidTaskError,
    TaskError,
    TooManyTasksError,
    WorkspaceRefusedError,
)
from chatserver.tasks.new_tasks import validated_task
from chatserver.tasks.records import NewTask, Task, TaskStatus
from chatserver.tasks.store import TaskStore
from exporter.model.money import PICODOLLARS
from tests.chatserver.people import ANN, BOB
from tests.chatserver.tasks.outcomes import DONE, KILLED, claimed
from tests.chatserver.tasks.place import Place, ask
from tests.support.zones import zone


@pytest.fixture
def store(database: Database) -> TaskStore:
    return TaskStore(database)


def test_past_the_days_budget_new_tasks_are_refused_with_the_figure(place: Place, store: TaskStore) -> None:
    manager = place.manager(day=PICODOLLARS)
    task = ask(manager)
    store.finish_run(claimed(store), DONE)
    acts: tuple[Callable[[], Task], ...] = (lambda: ask(manager), lambda: manager.restart(task.task_id, ANN))
    for act in acts:
        with pytest.raises(BudgetSpentError, match=r"\$1\.00 of the daily budget of \$1\.00"):
            act()


def test_a_budget_is_spent_by_what_is_known_which_the_refusal_says(place: Place, store: TaskStore) -> None:
    manager = place.manager(day=PICODOLLARS)
    for outcome in (KILLED, KILLED):
        ask(manager)
        store.finish_run(claimed(store), outcome)
    with pytest.raises(BudgetSpentError, match=r"\$1\.00\+ of the daily budget of \$1\.00"):
        ask(manager)


def test_a_queue_has_room_for_so_many_tasks_of_a_user_and_of_all(
    place: Place, store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatserver.tasks.scheduling.MAX_WAITING_OF_USER", 2)
    monkeypatch.setattr("chatserver.tasks.scheduling.MAX_WAITING", 3)
    manager = place.manager()
    first, _, third = ask(manager), ask(manager), ask(manager, user=BOB)
    with pytest.raises(TooManyTasksError, match="2 of your tasks are pending, the maximum; try again"):
        ask(manager)
    with pytest.raises(TooManyTasksError, match="3 tasks are pending"):
        ask(manager, user=BOB)
    manager.stop(third.task_id, LOCAL_ADMIN)
    store.stop(first.task_id)
    assert ask(manager).status is TaskStatus.PENDING
    with pytest.raises(TooManyTasksError, match="2 of your tasks"):
        manager.restart(first.task_id, LOCAL_ADMIN)
    assert manager.restart(third.task_id, LOCAL_ADMIN).status is TaskStatus.PENDING


def test_a_day_begins_at_midnight_of_this_machine() -> None:
    with zone("Europe/Berlin"):
        noon_us = 1_792_922_400_000_000  # 2026-10-25, when the clocks go back
        assert (noon_us - day_start_us(noon_us)) % 3_600_000_000 == 0
        assert day_start_us(day_start_us(noon_us)) == day_start_us(noon_us) <= noon_us


@pytest.mark.parametrize(
    "more",
    [
        {"description": " \n"}, {"description": "a\0b"}, {"description": "x" * 100_001}, {"description": "\udc90"},
        {"model": "--dangerously-skip-permissions"}, {"model": "a b"}, {"workflow": "x" * 101},
        {"max_turns": 0}, {"max_turns": -1}, {"timeout_seconds": 10**9}, {"max_budget_picodollars": 0},
    ],
)  # fmt: skip
def test_what_is_no_task_is_refused(tmp_path: Path, more: dict[str, object]) -> None:
    new = NewTask(**{"author": ANN, "description": "x", **more})  # type: ignore[arg-type] # they are what is wrong
    with pytest.raises(InvalidTaskError):
        validated_task(new, TaskSettings("claude", (tmp_path,)), "a")


def test_the_refusal_of_a_number_has_its_bounds_in_the_unit_of_its_name(tmp_path: Path) -> None:
    new = NewTask(author=ANN, description="x", max_budget_picodollars=2_000_000 * PICODOLLARS)
    with pytest.raises(InvalidTaskError, match=r"max_budget_usd .* up to 1,000,000"):
        validated_task(new, TaskSettings("claude", (tmp_path,)), "a")


def test_labels_are_shown_everywhere_so_what_controls_or_hides_text_becomes_a_space(place: Place) -> None:
    task = ask(place.manager(), agent_type="tests\n\u202e\0 of Zürich", workflow="\U000d72c4nightly")
    assert (task.agent_type, task.workflow) == ("tests    of Zürich", "nightly")


def test_a_label_of_blanks_is_none(place: Place) -> None:
    task = ask(place.manager(), agent_type=" \n", agent="reviewer", workflow="\t \u200b")
    assert (task.agent_type, task.workflow) == ("reviewer", "")


def test_nobody_gets_more_than_the_server_allows(place: Place) -> None:
    manager = place.manager(max_turns=5, timeout_seconds=60)
    task = ask(manager, max_turns=50, timeout_seconds=10)
    assert (task.max_turns, task.timeout_seconds, task.max_budget_picodollars) == (5, 10, None)


def test_workspaces_are_those_that_were_allowed_and_what_is_in_them(place: Place) -> None:
    manager, root = place.manager(), place.workspace
    (root / "in").mkdir()
    (root / "file").touch()
    (root / "link").symlink_to(root / "in")
    (root / "out").symlink_to("/")
    (root / "ring").symlink_to(root / "ring")
    assert ask(manager).workspace == str(root)
    assert {ask(manager, workspace=asked).workspace for asked in ("in", "./in", str(root / "in"))} == {str(root / "in")}
    outside = (
        "..",
        "in/../..",
        "/",
        "/etc",
        str(root) + "2",
        "out/etc",
        "link",
        "ring",
        "file",
        "none",
        "a\0b",
        "x" * 5000,
    )
    for asked in outside:
        with pytest.raises(WorkspaceRefusedError):
            ask(manager, workspace=asked)


def test_an_allowed_workspace_may_itself_be_a_link(place: Place) -> None:
    (place.directory / "alias").symlink_to(place.workspace)
    manager = place.manager(workspaces=(place.directory / "alias",))
    assert ask(manager).workspace == str(place.workspace)
    assert ask(manager, workspace=str(place.workspace)).workspace == str(place.workspace)


def test_every_error_is_one_sentence(place: Place) -> None:
    manager = place.manager()
    acts: tuple[Callable[[], Task], ...] = (lambda: manager.get("zz", ANN), lambda: ask(manager, workspace="/"))
    for wrong in acts:
        with pytest.raises(TaskError) as raised:
            wrong()
        assert str(raised.value).endswith(".")
        assert "\n" not in str(raised.value)
