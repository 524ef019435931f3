"""Cost and cache: who spends what, does the budget hold, what is the cache worth."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from dashboards import meanings as m
from dashboards import panels as p
from dashboards import queries as q
from dashboards.board import Board, Section
from dashboards.links import AGENTS, COST, to
from dashboards.variables import AGENT, INSTANCE, MODEL, PROJECT


def board() -> Board:
    """The board."""
    return Board(
        COST,
        "now-7d",
        (INSTANCE, PROJECT, AGENT, MODEL),
        (
            Section(
                "How much, and does the budget hold?",
                (spent(), in_this_time(), forecast(), budget(), requests()),
            ),
            Section("What is it spent on?", (spending(), budget_over_time(), projects(), models(), agents())),
            Section("What is the cache worth?", (hit_rate(), worth(), hit_rates(), worth_over_time())),
            Section("How large are prompts, and is everything priced?", (tokens(), contexts(), unpriced())),
        ),
    )


def spent() -> stat.Panel:
    about = "What was spent in the present calendar day and month, at list prices, by all that the exporters see."
    panel = p.big("Spent", about, p.at_the_end(q.SPENT, "{{period}}")).unit(m.DOLLARS)
    return p.called(panel, m.PERIODS)


def in_this_time() -> stat.Panel:
    about = "What was spent in the time that is shown, by what the variables select."
    return p.big("In this time", about, p.at_the_end(q.COST_IN_RANGE)).unit(m.DOLLARS)


def forecast() -> stat.Panel:
    about = "What the month will have cost if it goes on as it did up to now. It means little in a month's first days."
    return p.big("Month at this pace", about, p.at_the_end(q.MONTH_FORECAST)).unit(m.DOLLARS)


def budget() -> bargauge.Panel:
    about = "How much of the budgets of today and of this month is spent."
    panel = p.filled("Budget used", about, p.at_the_end(q.BUDGET_USED, "{{period}}")).no_value(m.NO_BUDGET)
    panel.thresholds(m.BUDGET).height(4)
    return p.called(panel, m.PERIODS)


def requests() -> stat.Panel:
    about = "Messages that the API answered, in the time that is shown."
    return p.big("Requests", about, p.at_the_end(q.REQUESTS)).decimals(0)


def spending() -> timeseries.Panel:
    about = "Dollars an hour, by project."
    panel = p.areas("Spent an hour, by project", about, p.over_time(q.COST_PER_HOUR_BY_PROJECT, "{{project}}"))
    return panel.unit(m.DOLLARS).interval("5m")


def budget_over_time() -> timeseries.Panel:
    about = "How much of the budgets of the day and of the month was spent; the lines are at 80 and at 100 percent."
    panel = p.lines("Budget used, over time", about, p.over_time(q.BUDGET_USED, "{{period}}")).unit(m.SHARE)
    panel.no_value(m.NO_BUDGET).thresholds(m.BUDGET)
    return p.called(p.coloured(p.drawn_at_thresholds(panel), m.PERIOD_COLOURS), m.PERIODS)


def projects() -> bargauge.Panel:
    about = "What each project cost in the time that is shown."
    return p.ranking("Projects", about, p.at_the_end(q.COST_BY_PROJECT, "{{project}}")).unit(m.DOLLARS).height(6)


def models() -> bargauge.Panel:
    about = "What each model cost in the time that is shown."
    return p.ranking("Models", about, p.at_the_end(q.COST_BY_MODEL, "{{model}}")).unit(m.DOLLARS).height(6)


def agents() -> bargauge.Panel:
    about = "What the main agent and each type of sub-agent cost in the time that is shown."
    panel = p.ranking("Agents", about, p.at_the_end(q.COST_BY_AGENT, "{{agent}}")).unit(m.DOLLARS)
    return panel.height(6).links([to(AGENTS)])


def hit_rate() -> stat.Panel:
    about = "How much of all prompts was read from the cache, in the time that is shown."
    panel = p.big("Read from the cache", about, p.at_the_end(q.CACHE_HIT_RATE)).unit(m.SHARE).decimals(1)
    return panel.thresholds(m.HITS).height(8)


def worth() -> stat.Panel:
    about = "What reading from the cache saved, less what writing to it cost, against the same tokens as plain input."
    panel = p.big("Saved by the cache", about, p.at_the_end(q.CACHE_WORTH)).unit(m.DOLLARS).height(8)
    return panel.thresholds(m.WORTH)


def hit_rates() -> timeseries.Panel:
    about = "How much of the prompts was read from the cache, by model."
    panel = p.sparse("Read from the cache, by model", about, p.over_time(q.CACHE_HIT_RATE_BY_MODEL, "{{model}}"))
    return panel.unit(m.SHARE).max(1).span(8)


def worth_over_time() -> timeseries.Panel:
    about = "What the cache saved an hour, less what writing to it cost, by model."
    panel = p.areas(
        "Saved an hour by the cache, by model", about, p.over_time(q.CACHE_WORTH_PER_HOUR, "{{model}}")
    ).span(8)
    return panel.unit(m.DOLLARS).interval("5m")


def tokens() -> timeseries.Panel:
    about = "Tokens a minute, by kind; input is what was neither read from the cache nor written to it."
    return p.areas("Tokens a minute, by kind", about, p.over_time(q.TOKENS_BY_KIND, "{{kind}}")).span(8)


def contexts() -> timeseries.Panel:
    about = "How large prompts were in tokens, cached ones among them: the half is smaller, and all but one in twenty."
    half, most = p.over_time(q.CONTEXT_MEDIAN, "median"), p.over_time(q.CONTEXT_P95, "95 %")
    return p.coloured(p.sparse("Size of prompts in tokens", about, half, most).span(8), m.RANKS)


def unpriced() -> table.Panel:
    about = (
        "Models that no price is known of, and their tokens: what they cost is in no other figure. --prices mends it."
    )
    columns = {"model": "Model", "Value": "Tokens"}
    panel = p.listing("Without a price", about, p.rows(q.UNPRICED_TOKENS), columns).span(8).decimals(0)
    return panel.no_value("Every model has a price").thresholds(m.UNPRICED)
