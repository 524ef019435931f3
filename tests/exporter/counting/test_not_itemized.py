"""Residuals as they are counted: once, never less than before, and priced as small requests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from exporter.counting.catalog import API_REQUESTS, CONTEXT_TOKENS, COST, TOKENS, UNPRICED_TOKENS, WEB_SEARCHES
from exporter.counting.messages import CountedMessage, Price, as_message
from exporter.counting.not_itemized import not_itemized
from exporter.counting.processes import Lineage
from exporter.counting.spending import Spending
from exporter.counting.totals import Increments
from exporter.counting.usages import total
from exporter.model.cost_states import CostState
from exporter.model.records import NOT_ITEMIZED, Usage
from exporter.prices.table import Cost, load_prices
from tests.exporter.counting.cost_state_records import HAIKU, OPUS, SECOND_US, message, state

PRICES = load_prices()
SMALL, LARGE = 150_000, 900_000


class Counting:
    """What is counted of a session while its cost-states and messages arrive."""

    def __init__(self) -> None:
        self.states: list[CostState] = []
        self.messages: dict[int, CountedMessage] = {}
        self.spending = Spending(Increments())
        self.complete = True

    def add(self, *arrived: CostState | CountedMessage) -> Counting:
        for each in arrived:
            if isinstance(each, CostState):
                self.states.append(each)
            else:
                self.messages[each.key] = each
        return self

    def count(self, before: float = 1e9, price: Price = PRICES.cost) -> list[int]:
        """Count what is settled; the input tokens of each residual so far."""
        lineage, before_us = Lineage.of(self.states, {}), round(before * SECOND_US)
        growths, self.complete = not_itemized(lineage, "s", self.messages, price, before_us)
        for after, earlier in growths:
            self.spending.count_growth(after, earlier)
            self.messages[after.key] = after
        return [row.usage.input for row in self.rows]

    @property
    def rows(self) -> list[CountedMessage]:
        rows = [each for each in self.messages.values() if each.origin.agent == NOT_ITEMIZED]
        return sorted(rows, key=lambda row: row.time_us)

    def counters(self, name: str) -> dict[tuple[str, ...], int]:
        return {labels: value for (found, labels), value in self.spending.increments.counters.items() if found == name}


def test_a_residual_is_counted_as_spending_of_its_own_kind_and_not_as_a_request() -> None:
    counting = Counting().add(state(10, 10, {OPUS: Usage(6, 5_000, 150_000, web_searches=2)}), message(3, 0))
    counting.count()
    (row,) = counting.rows
    assert (row.origin.session, row.time_us) == ("s", 10 * SECOND_US)
    assert counting.counters(TOKENS.name) == {
        (OPUS, "input", NOT_ITEMIZED, "shop"): 6,
        (OPUS, "output", NOT_ITEMIZED, "shop"): 5_000,
        (OPUS, "cache_read", NOT_ITEMIZED, "shop"): 150_000,
    }
    assert counting.counters(WEB_SEARCHES.name) == {(): 2}
    assert counting.counters(API_REQUESTS.name) == {}
    assert CONTEXT_TOKENS.name not in {name for name, _ in counting.spending.increments.distributions}
    dollars_a_million = 6 * 5 + 5_000 * 25 + 150_000 * 0.5
    assert counting.counters(COST.name) == {(OPUS, NOT_ITEMIZED, "shop"): dollars_a_million * 1e6 + 2e10}


def test_counting_again_adds_nothing() -> None:
    counting = Counting().add(state(10, 10, 100), message(3, 60))
    assert counting.count() == [40]
    before = dict(counting.spending.increments.counters)
    assert counting.count() == [40]
    assert counting.spending.increments.counters == before


def test_it_is_not_counted_before_it_is_settled() -> None:
    counting = Counting().add(state(10, 10, 100), state(90, 20, 140), message(3, 60))
    assert (counting.count(before=9), counting.complete) == ([], False)
    assert (counting.count(before=10), counting.complete) == ([40], False)
    assert (counting.count(before=90), counting.complete) == ([40, 40], True)


def test_later_cost_states_add_to_it() -> None:
    counting = Counting().add(state(10, 10, 100), message(3, 60))
    counting.count()
    counting.add(state(90, 20, 140), message(88, 30))
    assert counting.count() == [40, 10]


def test_what_was_counted_too_much_is_counted_less_later() -> None:
    counting = Counting().add(state(10, 10, 100), message(3, 60))
    assert counting.count() == [40]
    late = message(5, 25)
    assert counting.add(late).count() == [40]
    counting.add(state(90, 20, 140))
    assert counting.count() == [40, 15]
    assert sum(counting.count()) + 60 + late.usage.input == 140


def test_the_prices_of_large_prompts_do_not_apply_to_the_sum_of_requests() -> None:
    def cost(tokens: int) -> int:
        counting = Counting().add(state(10, 10, {"claude-sonnet-4-5": Usage(0, 0, tokens)}))
        counting.count()
        return sum(counting.counters(COST.name).values())

    assert cost(LARGE) == cost(SMALL) * LARGE // SMALL > 0


HAIKU_5_5 = "claude-haiku-5-5"  # costs more above 100,000 tokens
COMPACTION = Usage(6, 5_000, 150_000)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("is_fast", [True, False])
@pytest.mark.parametrize("is_in_us", [True, False])
@pytest.mark.parametrize("model", [OPUS, HAIKU_5_5])
def test_requests_were_charged_as_the_cost_that_claude_code_reports_says(
    model: str, times: int, *, is_fast: bool, is_in_us: bool
) -> None:
    itemized = message(5, Usage(10, 20), model=model, cost=Cost(77, 0, 0))
    request = as_message(replace(itemized, usage=COMPACTION, fast=is_fast, us_inference=is_in_us))
    cost = times * (PRICES.cost(request) or Cost(0, 0, 0)).total
    used = total([itemized.usage, *[COMPACTION] * times])
    counting = Counting().add(itemized, state(10, 10, {model: used}, costs={model: 77 + cost + 3}))
    counting.count()
    (row,) = counting.rows
    assert row.cost
    assert row.cost.total == cost


def test_a_cost_that_no_charge_explains_does_not_change_the_price() -> None:
    plain, other = (
        Counting().add(state(10, 10, {OPUS: COMPACTION}, costs={OPUS: cost})) for cost in (0, 987_654_321_000)
    )
    plain.count()
    other.count()
    assert plain.rows[0].cost == other.rows[0].cost == PRICES.cost(as_message(other.rows[0]))


def test_a_model_without_a_price_has_an_unknown_cost() -> None:
    counting = Counting().add(state(10, 10, {"gpt-5": Usage(3, 4), HAIKU: Usage(5)}))
    counting.count()
    assert {row.origin.model: row.cost is None for row in counting.rows} == {"gpt-5": True, HAIKU: False}
    assert counting.counters(UNPRICED_TOKENS.name) == {("gpt-5",): 7}


def test_searches_of_a_model_without_a_price_have_the_price_of_all_until_they_are_not_alone() -> None:
    searched = state(10, 10, {"gpt-5": Usage(3, 4, web_searches=2)})
    other = replace(message(3, 60), usage=Usage(3, 4), origin=replace(message(3, 60).origin, model="gpt-5"), cost=None)
    counting = Counting().add(searched, other)
    counting.count()
    (row,) = counting.rows
    assert (row.usage, row.cost) == (Usage(web_searches=2), Cost(20_000_000_000, 0, 0))
    assert sum(counting.spending.spent.values()) == 20_000_000_000
    del counting.messages[other.key]
    counting.count()
    (row,) = counting.rows
    assert (row.usage, row.cost) == (Usage(3, 4, web_searches=2), None)
    assert (sum(counting.spending.spent.values()), sum(counting.spending.unpriced.values())) == (0, 7)
    (used,) = counting.spending.used.values()
    assert used.amount == (None, 7)


def test_a_residual_grows_when_a_message_turns_out_to_be_of_another_session_and_its_cost_does_not_fall() -> None:
    other = message(3, 60)
    counting = Counting().add(state(10, 10, 100), other)
    assert counting.count() == [40]
    before = sum(counting.counters(COST.name).values())
    del counting.messages[other.key]
    assert counting.count(price=lambda _: Cost(0, 0, 0)) == [100]
    assert sum(counting.counters(COST.name).values()) == before > 0


def process(session: list[CostState | CountedMessage], base: CostState | None, numbers: tuple[int, ...]) -> None:
    """Add what a process does that starts after all others: two messages, a hidden request and its cost-state."""
    pause, first, second, hidden = numbers
    start = max((each.time_us for each in session), default=0) / SECOND_US + pause + 1
    messages = [message(start + 1, first), message(start + 2, second)]
    lasted = base.duration_us / SECOND_US if base else 0
    used = base.usage[OPUS].input if base else 0
    ended = state(start + 2, lasted + 2.5, used + first + second + hidden)
    session += [*messages, ended]


NUMBERS = st.tuples(*[st.integers(0, 50)] * 4)


@given(st.lists(NUMBERS, min_size=1, max_size=5), st.data())
def test_messages_and_residual_are_what_the_processes_used_however_often_it_is_counted(
    processes: list[tuple[int, ...]], data: st.DataObject
) -> None:
    session: list[CostState | CountedMessage] = []
    for numbers in processes:
        bases = [each for each in session if isinstance(each, CostState)]
        process(session, bases[-1] if bases else None, numbers)
    counting, counted = Counting(), []
    for each in session:
        counting.add(each)
        if data.draw(st.booleans()) and counting.states:
            counted.append(sum(counting.count()))
    hidden = sum(numbers[3] for numbers in processes)
    assert sum(counting.count()) == hidden
    assert counted == list(accumulate(counted, max))
    assert sum(Counting().add(*session).count()) == hidden


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0)])
def test_the_number_of_counts_before_the_last_makes_no_difference(order: Iterable[int]) -> None:
    states = [state(10, 10, 100), state(110, 15, 201), state(120, 30, 160)]
    messages = [message(5, 90), message(106, 30), message(118, 20)]
    counting = Counting()
    for number in order:
        counting.add(messages[number])
    for each in states:
        counting.add(each).count()
    assert total(row.usage for row in counting.rows) == Usage(201 + 60 - 140)
