"""Counting of messages: each message once, with the largest usage that its lines report."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from exporter.counting.catalog import (
    API_REQUESTS,
    CACHE_PREMIUM,
    CACHE_SAVINGS,
    CONTEXT_TOKENS,
    COST,
    TOKENS,
    UNPRICED_TOKENS,
    WEB_SEARCHES,
)
from exporter.counting.messages import SLOT_US, CountedMessage, joined, merged
from exporter.counting.spending import TOKEN_KINDS, Spending
from exporter.counting.totals import Increments
from exporter.model.money import PICODOLLARS
from exporter.model.records import ApiMessage, Usage
from exporter.prices.table import Cost, load_prices
from tests.support.transcript_lines import SESSION

PRICES = load_prices()
MODEL, UNKNOWN = "claude-opus-4-6", "gpt-5"
AT_US = 1_795_348_800_000_000


def message(
    usage: Usage,
    *,
    key: int = 1,
    model: str = MODEL,
    project: str = "shop",
    time_us: int = AT_US,
    fast: bool = False,
    us_inference: bool = False,
    session: str = SESSION,
    copied: bool = False,
    born_us: int = 0,
) -> ApiMessage:
    return ApiMessage(key, time_us, model, "main", project, session, usage, fast, us_inference, (), copied, born_us)


def counted(*messages: ApiMessage, known: dict[int, CountedMessage] | None = None) -> Spending:
    spending = Spending(Increments())
    for each in messages:
        spending.count_line(each, PRICES.cost, known or {})
    return spending


def tokens(spending: Spending, kind: str, model: str = MODEL) -> int:
    return spending.increments.counters[TOKENS.name, (model, kind, "main", "shop")]


def cost(spending: Spending, model: str = MODEL) -> Decimal:
    return Decimal(spending.increments.counters[COST.name, (model, "main", "shop")]) / PICODOLLARS


def test_a_message_counts_its_tokens_by_kind_and_their_cost() -> None:
    spending = counted(message(Usage(10, 50, 5_000, 600, 400, 2)))
    assert [tokens(spending, kind) for kind in TOKEN_KINDS] == [10, 50, 5_000, 600, 400]
    million = Decimal(1_000_000)
    expected = (10 * 5 + 50 * 25 + 5_000 * Decimal("0.5") + 600 * Decimal("6.25") + 400 * 10) / million
    assert cost(spending) == expected + Decimal("0.02")
    counters = spending.increments.counters
    assert counters[CACHE_SAVINGS.name, (MODEL,)] == 5_000 * 4_500_000
    assert counters[CACHE_PREMIUM.name, (MODEL,)] == 600 * 1_250_000 + 400 * 5_000_000
    assert counters[API_REQUESTS.name, (MODEL,)] == 1
    assert counters[WEB_SEARCHES.name, ()] == 2
    assert spending.increments.distributions[CONTEXT_TOKENS.name, ()].sum == 6_010
    spent = {slot: cost for (slot, _), cost in spending.spent.items()}
    assert spent == {AT_US // SLOT_US: expected * PICODOLLARS + PICODOLLARS // 50}


def test_a_repeated_line_adds_nothing() -> None:
    first = message(Usage(10, 50))
    spending = Spending(Increments())
    assert spending.count_line(first, PRICES.cost, {})
    before = dict(spending.increments.counters)
    assert not spending.count_line(first, PRICES.cost, {})
    assert spending.increments.counters == before


def test_a_later_line_with_more_usage_corrects_upward() -> None:
    spending = counted(message(Usage(10, 1)), message(Usage(10, 80)), message(Usage(10, 40)))
    assert tokens(spending, "output") == 80
    assert cost(spending) == (10 * 5 + 80 * 25) / Decimal(1_000_000)
    assert spending.increments.counters[API_REQUESTS.name, (MODEL,)] == 1


def test_lines_that_each_exceed_the_other_cost_what_their_maximum_costs_in_any_order() -> None:
    lines = message(Usage(1_000, 1)), message(Usage(1, 80))
    expected = (1_000 * 5 + 80 * 25) / Decimal(1_000_000)
    assert [cost(counted(*order)) for order in itertools.permutations(lines)] == [expected, expected]


LARGE = Usage(150_000, 1), Usage(1, 80, cache_read=60_000)


@pytest.mark.parametrize("usages", [LARGE, (Usage(1_000, 1), Usage(1, 80), Usage(2, 2, 5_000))])
@pytest.mark.parametrize("model", [MODEL, "claude-sonnet-4-5"])
@pytest.mark.parametrize("is_fast", [True, False])
def test_two_readers_price_their_lines_of_a_message_like_one(
    usages: tuple[Usage, ...], model: str, *, is_fast: bool
) -> None:
    lines = [message(usage, model=model, fast=is_fast, us_inference=True) for usage in usages]
    whole = counted(*lines).messages[1]
    for order in itertools.permutations(lines):
        parts = [counted(line).messages[1] for line in order]
        assert functools.reduce(lambda one, other: joined(one, other, PRICES.cost), parts) == whole
        assert counted(*order[1:], known={1: parts[0]}).messages[1] == whole


def test_a_message_is_attributed_to_its_own_session_whichever_of_its_lines_is_read_first() -> None:
    copy, own = message(Usage(10, 80), copied=True, session="fork"), message(Usage(10, 80))
    for lines in ((copy, own), (own, copy)):
        spending = counted(*lines)
        assert spending.messages[1].origin.session == SESSION
        assert {origin.session: cost for (_, origin), cost in spending.spent.items() if cost} == {
            SESSION: int(cost(spending) * PICODOLLARS)
        }
        one, other = (counted(line).messages[1] for line in lines)
        assert joined(one, other, PRICES.cost) == spending.messages[1]


def test_a_copy_stays_attributed_to_its_fork_while_the_session_that_it_is_of_is_unknown() -> None:
    copies = (message(Usage(10, 1), copied=True, session=session) for session in ("fork", "second"))
    assert counted(*copies).messages[1].origin.session == "fork"


def test_a_counted_cost_does_not_fall_when_the_price_has_changed() -> None:
    before = counted(message(Usage(10, 1))).messages[1]
    after = merged(message(Usage(1, 2)), lambda _: Cost(0, 0, 0), before)
    assert (after.usage, after.cost) == (Usage(10, 2), before.cost)


def test_a_message_stays_attributed_to_the_origin_of_its_first_line() -> None:
    later = message(Usage(10, 80), project="elsewhere", time_us=AT_US + 3600 * 1_000_000)
    spending = counted(message(Usage(10, 1)), later)
    assert tokens(spending, "output") == 80
    assert [slot for slot, _ in spending.spent] == [AT_US // SLOT_US]


def test_a_message_that_was_committed_is_corrected_upward() -> None:
    before = counted(message(Usage(10, 1)))
    spending = counted(message(Usage(10, 80)), known=before.messages)
    assert tokens(spending, "output") == 79
    assert cost(before) + cost(spending) == (10 * 5 + 80 * 25) / Decimal(1_000_000)
    assert spending.increments.counters[API_REQUESTS.name, (MODEL,)] == 0


def test_a_model_without_a_price_counts_its_tokens_and_no_cost() -> None:
    spending = counted(message(Usage(10, 1, 5, 6, 7), model=UNKNOWN), message(Usage(10, 51, 5, 6, 7), model=UNKNOWN))
    assert tokens(spending, "output", UNKNOWN) == 51
    assert spending.increments.counters[UNPRICED_TOKENS.name, (UNKNOWN,)] == 79
    assert (COST.name, (UNKNOWN, "main", "shop")) not in spending.increments.counters
    assert not spending.spent


def test_a_message_without_a_project_is_attributed_to_unknown() -> None:
    spending = counted(message(Usage(10, 1), project=""))
    assert spending.increments.counters[TOKENS.name, (MODEL, "input", "main", "unknown")] == 10


USAGES = st.builds(Usage, *[st.integers(0, 9) for _ in range(6)])


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([MODEL, UNKNOWN]), USAGES), max_size=6), st.data())
def test_the_order_of_lines_and_of_commits_makes_no_difference(
    lines: list[tuple[int, str, Usage]], data: st.DataObject
) -> None:
    messages = [message(usage, key=key + 10 * (model == UNKNOWN), model=model) for key, model, usage in lines]
    whole = counted(*messages).increments.counters
    shuffled = data.draw(st.permutations(messages))
    parts: list[Spending] = []
    known: dict[int, CountedMessage] = {}
    for each in shuffled:
        parts.append(counted(each, known=known))
        known |= parts[-1].messages
    totals = {key: sum(part.increments.counters[key] for part in parts) for key in whole}
    assert totals == whole
    truth = {key: max(usages) for key, usages in _by_key(messages).items()}
    assert sum(value for (name, _), value in totals.items() if name == TOKENS.name) == sum(truth.values())


SESSIONS = {"a": 30, "b": 20, "c": 20}
COPIES = st.builds(
    lambda session, usage, hours, copied: message(
        usage, session=session, born_us=SESSIONS[session], time_us=AT_US + hours * 3_600_000_000, project=session,
        copied=copied,
    ),
    st.sampled_from(sorted(SESSIONS)),
    USAGES,
    st.integers(0, 1),
    st.booleans(),
)  # fmt: skip


@given(st.lists(COPIES, min_size=1, max_size=6), st.data())
def test_a_copied_message_belongs_to_the_session_that_had_it_first_in_whatever_order_lines_are_read(
    copies: list[ApiMessage], data: st.DataObject
) -> None:
    first = min(copies, key=lambda copy: (copy.copied, copy.time_us, copy.born_us, copy.session))
    largest = Usage(*(max(kind) for kind in zip(*(astuple(copy.usage) for copy in copies), strict=True)))
    known: dict[int, CountedMessage] = {}
    spent: Counter[tuple[int, str]] = Counter()
    for copy in data.draw(st.permutations(copies)):
        part = counted(copy, known=known)
        assert all(increment >= 0 for increment in part.increments.counters.values())
        known |= part.messages
        for (slot, origin), cost in part.spent.items():
            spent[slot, origin.session] += cost
    (owned,) = known.values()
    assert (owned.time_us, owned.origin.session, owned.origin.project) == (first.time_us, first.session, first.project)
    assert owned.usage == largest
    assert owned.cost is not None
    assert +spent == +Counter({(first.time_us // SLOT_US, first.session): owned.cost.total})


@given(st.lists(COPIES, min_size=2, max_size=2))
def test_two_processes_may_join_what_they_have_read_in_either_order(copies: list[ApiMessage]) -> None:
    one, other = (merged(copy, PRICES.cost, None) for copy in copies)
    assert joined(one, other, PRICES.cost) == joined(other, one, PRICES.cost)


def _by_key(messages: list[ApiMessage]) -> dict[tuple[int, str], list[int]]:
    """The tokens that each line reports, by message and kind."""
    found: dict[tuple[int, str], list[int]] = {}
    for each, kind in itertools.product(messages, TOKEN_KINDS):
        found.setdefault((each.key, kind), []).append(getattr(each.usage, kind))
    return found


@pytest.mark.parametrize("usage", [Usage(10, 50), Usage(0, 0)])
def test_no_counter_ever_decreases(usage: Usage) -> None:
    spending = counted(message(Usage(5, 5, 5, 5, 5, 5)), message(usage))
    assert min(spending.increments.counters.values()) >= 0
