"""Tasks as metrics: they agree with what the manager says, and never fall."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Function, func, insert, select, update

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.storage.schema import chats, task_runs
from chatserver.tasks.metrics import TaskMetrics
from chatserver.tasks.records import TaskStatus
from chatserver.tasks.store import TaskStore
from exporter.model.money import PICODOLLARS
from tests.chatserver.tasks.outcomes import DONE, KILLED, claimed
from tests.chatserver.tasks.place import Place, ask, ended, running
from tests.e2e.processes import wait_for
from tests.fakes import claude
from tests.support.page import Samples, sample, samples_of

LABEL_VALUES = 3


def scrape(metrics: TaskMetrics) -> Samples:
    registry = CollectorRegistry()
    registry.register(metrics)
    return samples_of(generate_latest(registry).decode())


def test_metrics_agree_with_the_manager_also_when_tasks_are_deleted(place: Place) -> None:
    manager, pool = place.server(slots=2)
    metrics = TaskMetrics(place.database, pool, LABEL_VALUES)
    good = ended(manager, ask(manager, "touch it", agent_type="coder", workflow="nightly"))
    bad = ended(manager, ask(manager, "exit 3"))
    page = scrape(metrics)
    assert {status: page[sample("claude_tasks", status=status)] for status in TaskStatus} == manager.counts(LOCAL_ADMIN)
    done = sample("claude_tasks_finished_total", status="completed", agent="coder", workflow="nightly")
    cost = sample("claude_task_cost_usd_total", agent="coder", workflow="nightly")
    assert (page[done], page[cost]) == (1, manager.spent_since(0).picodollars / PICODOLLARS)
    assert page[sample("claude_tasks_finished_total", status="failed", agent="", workflow="")] == 1
    assert page[sample("claude_task_slots", state="free")] + page[sample("claude_task_slots", state="busy")] == 2
    wait_for(lambda: scrape(metrics)[sample("claude_task_slots", state="free")] == 2, "the slots to be free again")
    assert page[sample("claude_task_wait_seconds_count")] == 2
    took = sample("claude_task_duration_seconds_sum", status="completed")
    assert page[took] == pytest.approx(((good.finished_us or 0) - (good.started_us or 0)) / 1e6)
    assert page[sample("claude_task_duration_seconds_bucket", status="completed", le="+Inf")] == 1
    for task in (good, bad):
        manager.delete(task.task_id, LOCAL_ADMIN)
    after = scrape(metrics)
    assert after[sample("claude_tasks", status="completed")] == 0
    assert (after[done], after[cost], after[took]) == (page[done], page[cost], page[took])


def test_runs_whose_cost_is_not_wholly_known_are_counted(place: Place) -> None:
    manager, store = place.manager(), TaskStore(place.database)
    for outcome in (DONE, KILLED, KILLED):
        ask(manager, agent_type="coder", workflow="nightly")
        store.finish_run(claimed(store), outcome)
    _, pool = place.server()
    page = scrape(TaskMetrics(place.database, pool, LABEL_VALUES))
    assert page[sample("claude_task_cost_usd_total", agent="coder", workflow="nightly")] == 2
    assert page[sample("claude_task_incomplete_costs_total", agent="coder", workflow="nightly")] == 2


def test_sums_do_not_fall_when_the_clock_is_set_back(place: Place) -> None:
    manager, pool = place.server(slots=1)
    metrics, waited = TaskMetrics(place.database, pool, LABEL_VALUES), sample("claude_task_wait_seconds_sum")
    ended(manager, ask(manager, "touch it"))
    before = scrape(metrics)[waited]
    ended(manager, ask(manager, "touch it"))
    latest = select(func.max(task_runs.c.run_id)).scalar_subquery()
    back = (
        update(task_runs).where(task_runs.c.run_id == latest).values(queued_us=task_runs.c.started_us + 3_600_000_000)
    )
    place.database.run(lambda connection: connection.execute(back))
    page = scrape(metrics)
    assert (page[waited], page[sample("claude_task_wait_seconds_count")]) == (before, 2)


def test_what_ends_a_second_time_is_a_retry_also_when_it_is_deleted(place: Place) -> None:
    manager, pool = place.server(slots=2)
    metrics = TaskMetrics(place.database, pool, LABEL_VALUES)
    retries = sample("claude_task_retries_total", agent="coder", workflow="nightly")
    task = ended(manager, ask(manager, "exit 3", agent_type="coder", workflow="nightly"))
    assert scrape(metrics)[retries] == 0
    for number in (1, 2):
        manager.restart(task.task_id, LOCAL_ADMIN)
        ended(manager, task)
        assert scrape(metrics)[retries] == number
    manager.delete(task.task_id, LOCAL_ADMIN)
    assert scrape(metrics)[retries] == 2


def test_what_waits_for_its_conversation_is_not_ready(place: Place) -> None:
    manager, pool = place.server(slots=3)
    metrics, ready = TaskMetrics(place.database, pool, LABEL_VALUES), sample("claude_tasks_ready")
    chat = {"chat_id": "c", "user_id": "ann", "title": "", "created_us": 1, "updated_us": 1}
    place.database.run(lambda connection: connection.execute(insert(chats).values(chat)))
    first = running(manager, ask(manager, "wait", chat_id="c"))
    ask(manager, "exit 0", chat_id="c")
    page = scrape(metrics)
    assert (page[sample("claude_tasks", status="pending")], page[ready]) == (1, 0)
    manager.stop(first.task_id, LOCAL_ADMIN)


def test_what_waits_for_a_slot_is_ready(place: Place) -> None:
    manager, pool = place.server(slots=1)
    metrics, ready = TaskMetrics(place.database, pool, LABEL_VALUES), sample("claude_tasks_ready")
    first = running(manager, ask(manager, "wait"))
    ask(manager, "exit 0")
    assert scrape(metrics)[ready] == 1
    manager.stop(first.task_id, LOCAL_ADMIN)
    wait_for(lambda: scrape(metrics)[ready] == 0, "the next one to begin")


def test_before_any_task_there_is_a_page(place: Place) -> None:
    _, pool = place.server()
    page = scrape(TaskMetrics(place.database, pool, LABEL_VALUES))
    assert page[sample("claude_tasks", status="running")] == 0
    assert page[sample("claude_task_wait_seconds_count")] == 0
    assert page[sample("claude_tasks_ready")] == 0


def test_tasks_that_never_ran_leave_no_series(place: Place) -> None:
    manager, pool = place.server(slots=1)
    metrics = TaskMetrics(place.database, pool, LABEL_VALUES)
    before = scrape(metrics).keys()
    first = running(manager, ask(manager, "wait", agent_type="runs"))
    for number in range(9):
        task = ask(manager, "exit 0", agent_type=f"agent {number}", workflow=f"workflow {number}")
        manager.stop(task.task_id, LOCAL_ADMIN)
    assert scrape(metrics).keys() == before
    manager.stop(first.task_id, LOCAL_ADMIN)
    ended(manager, first)
    assert {dict(labels)["agent"] for _, labels in scrape(metrics).keys() - before} == {"runs"}


def test_labels_have_so_many_values_and_further_ones_are_other(place: Place) -> None:
    manager, pool = place.server(slots=1)
    metrics = TaskMetrics(place.database, pool, LABEL_VALUES)
    for number in (*range(LABEL_VALUES + 2), 0):
        ended(manager, ask(manager, "touch it", agent_type=f"agent {number}", workflow="nightly"))
    page = scrape(metrics)
    finished = {
        dict(labels)["agent"]: value for (name, labels), value in page.items() if name == "claude_tasks_finished_total"
    }
    assert finished == {"agent 0": 2, "agent 1": 1, "agent 2": 1, "other": 2}
    assert page[sample("claude_task_retries_total", agent="other", workflow="nightly")] == 0
    assert page[sample("claude_task_cost_usd_total", agent="other", workflow="nightly")] == 2 * claude.COST_USD


def rename_agent(place: Place, run_id: Function[int], agent: str) -> None:
    """Rename the agent of one run, as an older version may have stored it."""
    one = task_runs.c.run_id == select(run_id).scalar_subquery()
    place.database.run(lambda connection: connection.execute(update(task_runs).where(one).values(agent_type=agent)))


def test_labels_of_tasks_of_an_older_version_are_printable(place: Place) -> None:
    manager, pool = place.server(slots=1)
    metrics = TaskMetrics(place.database, pool, LABEL_VALUES)
    for _ in range(2):
        ended(manager, ask(manager, "touch it", agent_type="a  b"))
    rename_agent(place, func.min(task_runs.c.run_id), "a\u202e\x9bb")
    rename_agent(place, func.max(task_runs.c.run_id), "a\u200b\u2066b")
    page = scrape(metrics)
    assert page[sample("claude_tasks_finished_total", status="completed", agent="a  b", workflow="")] == 2
    assert {dict(labels).get("agent", "a  b") for _, labels in page} == {"a  b"}
