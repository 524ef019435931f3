"""The meter on transcripts that grow, fork, rotate, vanish and reappear: every message counts once."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import Any

import pytest

from exporter.counting.catalog import (
    API_REQUESTS,
    BYTES_READ,
    CONTEXT_TOKENS,
    COST,
    LABEL_OVERFLOW,
    TOKENS,
)
from exporter.ingest.meter import Meter
from exporter.model.bounds import MAX_INTEGER
from exporter.model.money import PICODOLLARS
from tests.exporter.ingest.transcript_place import HAIKU, OPUS, Place, lines, total, values
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    assistant_line,
    usage,
    user_line,
    write,
)


def output(meter: Meter, **labels: str) -> int:
    return total(meter, TOKENS, kind="output", **labels)


def test_an_absurd_number_of_tokens_costs_itself_alone(place: Place) -> None:
    absurd = [assistant_line(number, usage(output=number)) for number in (10**8, 99_999_999_999, 10**18, 10**30)]
    write(place.transcript, assistant_line(1), *absurd, assistant_line(2))
    write(place.project / "other.jsonl", assistant_line(3))
    for _ in range(2):
        with place.meter() as meter:
            meter.catch_up()
            assert (output(meter), total(meter, API_REQUESTS)) == (150, 7)


def test_sums_of_absurd_costs_hold_up_nothing(place: Place) -> None:
    expensive = [assistant_line(number, usage(output=10**8 - 1)) for number in range(10, 4000)]
    write(place.transcript, *expensive, assistant_line(1, model=HAIKU))
    for _ in range(2):
        with place.meter() as meter:
            meter.catch_up()
            assert output(meter, model=HAIKU) == 50
            assert total(meter, COST, model=OPUS) == MAX_INTEGER
        write(place.transcript, assistant_line(1, usage(output=50), model=HAIKU))


def test_a_file_with_any_name_and_time_is_read_and_holds_up_no_other(place: Place) -> None:
    write(place.transcript, assistant_line(1))
    odd = write(place.project / os.fsdecode(b"bad\xff.jsonl"), assistant_line(2))
    write(place.project / "agent-a.jsonl", assistant_line(3, isSidechain=True))
    (place.project / "agent-a.meta.json").write_text('{"agentType": ' + "[" * 100_000)
    os.utime(odd, (0, 13_569_465_600))
    for _ in range(2):
        with place.meter() as meter:
            meter.catch_up()
            assert (output(meter), lines(meter)) == (150, {"counted": 3})


def test_an_appended_line_is_counted_once(place: Place, meter: Meter) -> None:
    write(place.transcript, user_line(), assistant_line(1))
    meter.catch_up()
    meter.catch_up()
    assert (output(meter), total(meter, API_REQUESTS)) == (50, 1)
    write(place.transcript, assistant_line(2, usage(output=7)))
    meter.catch_up()
    assert (output(meter), total(meter, API_REQUESTS)) == (57, 2)
    assert lines(meter) == {"counted": 3}
    assert total(meter, BYTES_READ, source="transcript") == place.transcript.stat().st_size
    assert total(meter, COST) * 1_000_000 == (20 * 5 + 57 * 25) * PICODOLLARS


def test_an_incomplete_last_line_is_left_until_it_is_whole(place: Place, meter: Meter) -> None:
    line = assistant_line(2)
    write(place.transcript, assistant_line(1), line[:200])
    meter.catch_up()
    assert output(meter) == 50
    write(place.transcript, line[200:])
    meter.catch_up()
    assert output(meter) == 100
    assert lines(meter) == {"counted": 2}


def test_a_message_that_is_also_in_a_forked_session_counts_once(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2))
    meter.catch_up()
    write(
        place.project / "fork.jsonl",
        assistant_line(1, sessionId="fork"),
        assistant_line(2, sessionId="fork"),
        assistant_line(3, sessionId="fork"),
    )
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 3
    assert lines(meter) == {"counted": 3, "duplicate": 2}


def test_a_message_in_two_projects_in_one_batch_counts_once(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1))
    write(place.projects / "-home-dev-other" / "fork.jsonl", assistant_line(1))
    meter.catch_up()
    assert (output(meter), total(meter, API_REQUESTS)) == (50, 1)


def test_a_file_that_is_rewritten_is_read_from_its_start_and_new_messages_count(place: Place, meter: Meter) -> None:
    write(place.transcript, *(assistant_line(number) for number in range(5)))
    meter.catch_up()
    place.transcript.write_text(assistant_line(3) + assistant_line(77))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 6
    assert lines(meter) == {"counted": 6, "duplicate": 1}


def test_a_file_that_is_emptied_and_grows_again_decreases_no_total(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2))
    meter.catch_up()
    place.transcript.write_text("")
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 2
    write(place.transcript, assistant_line(1), assistant_line(3))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 3


def test_a_renamed_file_is_continued(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2))
    meter.catch_up()
    renamed = place.transcript.rename(place.project / "archived.jsonl")
    write(renamed, assistant_line(3))
    write(place.transcript, assistant_line(4))
    meter.catch_up()
    assert lines(meter) == {"counted": 4}


def test_totals_do_not_change_when_transcripts_are_deleted_and_reappear(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2))
    meter.catch_up()
    before = dict(meter.ledger.state.totals.counters)
    shutil.move(place.projects, place.directory / "away")
    meter.catch_up()
    shutil.move(place.directory / "away", place.projects)
    meter.catch_up()
    place.transcript.unlink()
    meter.catch_up()
    assert meter.ledger.state.totals.counters == before
    assert meter.unreadable == {}


def test_a_restart_counts_nothing_twice(place: Place) -> None:
    for number in range(5):
        write(place.transcript, assistant_line(number), assistant_line(number, second=1))
        write(place.project / f"fork-{number}.jsonl", assistant_line(number), assistant_line(max(0, number - 1)))
        with place.meter() as meter:
            meter.catch_up()
            assert (output(meter), total(meter, API_REQUESTS)) == (50 * (number + 1), number + 1)


def test_a_refresh_that_is_aborted_is_repeated_and_counts_nothing_twice(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.ingest.batch_writer.BATCH_BYTES", 2_000)
    monkeypatch.setattr("exporter.sources.lines.CHUNK_BYTES", 1_500)
    write(place.transcript, *(assistant_line(number) for number in range(20)))
    with place.meter() as meter:
        commits = iter(meter.refresh())
        next(commits)
        next(commits)
        assert 0 < total(meter, API_REQUESTS) < 20
    with place.meter() as meter:
        meter.catch_up()
        assert (output(meter), total(meter, API_REQUESTS)) == (1_000, 20)
        assert lines(meter) == {"counted": 20}


def test_a_later_line_with_more_usage_corrects_upward(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1, usage(output=1)))
    meter.catch_up()
    write(place.transcript, assistant_line(1, usage(output=80)), assistant_line(1, usage(output=40)))
    meter.catch_up()
    assert (output(meter), total(meter, API_REQUESTS)) == (80, 1)
    assert total(meter, COST) * 1_000_000 == (10 * 5 + 80 * 25) * PICODOLLARS


def test_a_line_with_more_usage_corrects_upward_after_a_restart_and_in_another_file(place: Place) -> None:
    for number, tokens in enumerate((1, 80, 40, 90)):
        write(place.project / f"{number}.jsonl", assistant_line(1, usage(output=tokens), cwd=f"/srv/{number}"))
        with place.meter() as meter:
            meter.catch_up()
            assert output(meter) == (1, 80, 80, 90)[number]
            assert total(meter, API_REQUESTS) == 1
            assert sum(meter.ledger.state.totals.distributions[CONTEXT_TOKENS.name, ()].counts) == 1
            assert values(meter, "project") == {"0"}
            assert sum(meter.ledger.state.spent.values()) == total(meter, COST)


def test_a_message_of_a_sub_agent_is_attributed_to_its_type(place: Place, meter: Meter) -> None:
    subagents = place.project / SESSION / "subagents"
    write(place.transcript, assistant_line(1, usage(output=1)))
    write(subagents / "agent-a.jsonl", assistant_line(2, usage(output=10), isSidechain=True, agentId="a"))
    (subagents / "agent-a.meta.json").write_text('{"agentType":"Plan"}')
    write(
        subagents / "agent-b.jsonl", assistant_line(3, usage(output=100), isSidechain=True, attributionAgent="Explore")
    )
    write(subagents / "agent-c.jsonl", assistant_line(4, usage(output=1_000), isSidechain=True, agentId="c"))
    meter.catch_up()
    agents = ("main", "Plan", "Explore", "unnamed")
    assert values(meter, "agent") == set(agents)
    assert [output(meter, agent=agent, project="shop") for agent in agents] == [1, 10, 100, 1_000]
    assert total(meter, COST, agent="Plan") * 1_000_000 == (10 * 5 + 10 * 25) * PICODOLLARS


def test_a_session_without_usage_counts_only_its_lines(place: Place, meter: Meter) -> None:
    write(
        place.transcript,
        user_line(),
        user_line(),
        "no JSON\n",
        '{"usage\n',
        assistant_line(1, message={"model": "<synthetic>"}),
    )
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 0
    assert sum(lines(meter).values()) == 5


def test_label_values_beyond_the_limit_count_as_other_once_per_message_after_a_restart_too(place: Place) -> None:
    for number in range(5):
        for tokens in (10, 60):
            used, model = usage(10, tokens, 1_000, 100, 100), f"claude-opus-4-{number + 5}"
            own: dict[str, Any] = {"sessionId": f"s-{number}", "cwd": f"/srv/project-{number}"}
            transcript = place.projects / f"-srv-project-{number}" / f"s-{number}.jsonl"
            write(transcript, assistant_line(number, used, second=number, model=model, **own))
    overflow = {"project": 3 + 3, "model": 3, "agent": 0}  # three messages, and three sessions
    for _ in range(2):
        with place.meter(label_values=2) as meter:
            meter.catch_up()
            assert {label: total(meter, LABEL_OVERFLOW, label=label) for label in overflow} == overflow
            assert values(meter, "project") == {"project-0", "project-1", "other"}
            assert values(meter, "model") == {"claude-opus-4-5", "claude-opus-4-6", "other"}
            assert (output(meter), output(meter, project="other", model="other")) == (300, 180)
            assert total(meter, API_REQUESTS, model="other") == 3
    write(
        place.projects / "-srv-project-0" / "s-0.jsonl",
        assistant_line(9, model=HAIKU, sessionId="s-0"),
        assistant_line(9, usage(output=99), model=HAIKU, sessionId="s-0"),
    )
    with place.meter(label_values=2) as meter:
        meter.catch_up()
        assert {label: total(meter, LABEL_OVERFLOW, label=label) for label in overflow} == overflow | {"model": 4}
        assert output(meter, project="project-0", model="other") == 99


def test_messages_older_than_any_budget_are_counted(place: Place) -> None:
    write(place.transcript, assistant_line(1))
    place.now = NOON + timedelta(days=400)
    with place.meter() as meter:
        meter.catch_up()
        assert total(meter, API_REQUESTS) == 1
        assert meter.ledger.state.spent == {}
