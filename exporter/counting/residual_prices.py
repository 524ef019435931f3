"""The cost of residuals: of requests whose number and terms no line reports."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from msgspec.structs import asdict, replace

from exporter.counting.messages import CountedMessage, Price, as_message, grown_cost
from exporter.counting.residual import Residual
from exporter.model.records import Usage
from exporter.prices.table import Cost

TOLERANCE_PICODOLLARS = 1_000
SMALL_PROMPT = 50_000  # tokens; from no model's size on that costs more


def priced(new: CountedMessage, residual: Residual, price: Price) -> CountedMessage:
    """A part of a residual with its cost: for small requests at the usual rates, unless others explain the whole cost.

    Whether the requests were large, in fast mode or in the US is not reported, but what Claude Code computed for them.
    """
    for fast, us_inference, prompt in product((False, True), (False, True), (SMALL_PROMPT, residual.usage.prompt)):
        charged = replace(new, fast=fast, us_inference=us_inference)
        cost = _cost(charged, residual.usage, prompt, price)
        if cost and abs(cost.total - residual.cost) <= TOLERANCE_PICODOLLARS:
            return replace(charged, cost=_cost(charged, new.usage, prompt, price))
    return replace(new, cost=_cost(new, new.usage, SMALL_PROMPT, price))


def raised(before: CountedMessage, usage: Usage, price: Price) -> CountedMessage:
    """A residual that has grown to a usage."""
    return replace(before, usage=usage, cost=grown_cost(before, _cost(before, usage, SMALL_PROMPT, price)))


def _cost(message: CountedMessage, usage: Usage, prompt: int, price: Price) -> Cost | None:
    """The cost of a usage by requests with prompts of a size or less; None if the model has no price."""
    costs = []
    for times, part in _parts(usage, prompt):
        cost = price(as_message(replace(message, usage=part)))
        if cost is None:
            return None
        costs.append([times * amount for amount in cost])
    return Cost(*map(sum, zip(*costs, strict=True)))


def _parts(usage: Usage, prompt: int) -> Iterator[tuple[int, Usage]]:
    """Usages with prompts of a size or less, and how often each of them is in the whole."""
    if usage.prompt <= prompt:
        yield 1, usage
        return
    for kind, number in asdict(usage).items():
        times, rest = divmod(number, prompt)
        yield times, Usage(**{kind: prompt})
        yield 1, Usage(**{kind: rest})
