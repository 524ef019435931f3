from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, Case, Fired, exporter

UP = exporter("up")
SPENT_TODAY, TODAYS = exporter("claude_spent_usd", period="day"), exporter("claude_budget_usd", period="day")
SPENT, BUDGET = exporter("claude_spent_usd", period="month"), exporter("claude_budget_usd", period="month")
COST = exporter("claude_cost_usd_total", model="m", agent="main", project="shop")
LEDGER = exporter("hookmeter_ledger_created_timestamp_seconds")
CACHED = exporter("claude_tokens_total", model="m", agent="main", project="shop", kind="cache_read")
INPUT = exporter("claude_tokens_total", model="m", agent="main", project="shop", kind="input")
UNPRICED = exporter("claude_unpriced_tokens_total", model="glm-9")
BEGAN = exporter("claude_spent_since_timestamp_seconds", period="month")
ENDS = exporter("claude_spent_until_timestamp_seconds", period="month")
# promtool's clock begins on the 1st of January.
JANUARY = {BEGAN: "0x250", ENDS: f"{31 * 86400}x250"}
DAY = EXPORTER | {"period": "day"}

CASES = (
    Case(
        "ClaudeBudgetNearlySpent", "85 of 100 dollars are gone", {SPENT_TODAY: "85x5", TODAYS: "100x5"}, "3m",
        (Fired(
            "The budget of the day is nearly spent on web", "85% of the budget of this day is gone.", DAY,
        ),),
    ),
    Case("ClaudeBudgetNearlySpent", "half of it is gone", {SPENT_TODAY: "50x5", TODAYS: "100x5"}, "3m"),
    Case("ClaudeBudgetNearlySpent", "more than all is gone", {SPENT_TODAY: "120x5", TODAYS: "100x5"}, "3m"),
    Case(
        "ClaudeBudgetSpent", "120 of 100 dollars are gone", {SPENT_TODAY: "120x5", TODAYS: "100x5"}, "3m",
        (Fired(
            "The budget of the day is spent on web",
            "120% of the budget of this day is gone. Agents go on: a budget stops nobody.",
            DAY,
        ),),
    ),
    Case("ClaudeBudgetSpent", "a dollar is left", {SPENT_TODAY: "99x5", TODAYS: "100x5"}, "3m"),
    Case("ClaudeBudgetSpent", "there is no budget", {SPENT_TODAY: "1000x5"}, "3m"),
    Case(
        "ClaudeBudgetForecastExceeded", "ten days cost 240 of 500 dollars",
        {SPENT: "0+1x250", BUDGET: "500x250", **JANUARY}, "240h",
        (Fired(
            "The budget of the month will not last on web",
            "At its pace so far, 744.00 USD will be spent by the end of the month, more than its budget.",
            EXPORTER,
        ),),
        every="1h",
    ),
    Case(
        "ClaudeBudgetForecastExceeded", "it lasts at this pace",
        {SPENT: "0+1x250", BUDGET: "800x250", **JANUARY}, "240h", every="1h",
    ),
    Case(
        "ClaudeBudgetForecastExceeded", "the second day says nothing of the month",
        {SPENT: "0+1x250", BUDGET: "500x250", **JANUARY}, "40h", every="1h",
    ),
    Case(
        "ClaudeCostSpike", "twelve dollars an hour, after days of sixty cents", {COST: "0+0.05x800 41+1x40"}, "4090m",
        (Fired(
            "Spending has shot up on web",
            "12.00 USD were spent in the last hour, more than 2 times what the dear hours of the last week cost.",
            EXPORTER,
        ),),
        every="5m",
    ),
    Case("ClaudeCostSpike", "each day costs as much", {COST: "0+1x840"}, "4090m", every="5m"),
    Case(
        "ClaudeCostSpike", "the hour of each day that costs eight dollars",
        {COST: " ".join(f"{8 * day}x276 {8 * day}+0.666667x11" for day in range(5))}, "7170m", every="5m",
    ),
    Case(
        "ClaudeCostSpike", "forty dollars an hour after a Sunday on which the meter was off",
        {COST: "0+0.04x1440 _x288 57.6+3.333x20"}, "8730m",
        (Fired(
            "Spending has shot up on web",
            "40.00 USD were spent in the last hour, more than 2 times what the dear hours of the last week cost.",
            EXPORTER,
        ),),
        every="5m",
    ),
    Case(
        "ClaudeCostSpike", "a new ledger has counted less than the one that was lost",
        {COST: "0+0.05x800 512x3 480x20", LEDGER: "1000x803 90000x20"}, "4090m", every="5m",
    ),
    Case("ClaudeCostSpike", "nobody knows yesterday", {COST: "0+0.05x60 4+1x40"}, "390m", every="5m"),
    Case("ClaudeCostSpike", "it is twenty times next to nothing", {COST: "0+0.01x800 8+0.2x40"}, "4090m", every="5m"),
    Case(
        "ClaudeCacheHitsCollapsed", "the cache is missed all at once",
        {CACHED: "0+9000x180 1620000x120", INPUT: "0+1000x180 190000+10000x120"}, "235m",
        (Fired(
            "Prompts no longer come from the cache on web",
            "7.5% of the prompt tokens of the last hour came from the cache, less than half of what is usual in a week."
            " Each token that does not costs ten times as much.",
            EXPORTER,
        ),),
    ),
    Case(
        "ClaudeCacheHitsCollapsed", "a few prompts miss it",
        {CACHED: "0+9000x180 1620000x120", INPUT: "0+1000x180 180100+100x120"}, "235m",
    ),
    Case("ClaudeCacheHitsCollapsed", "half comes from it as ever", {CACHED: "0+9000x240", INPUT: "0+9000x240"}, "235m"),
    Case(
        "ClaudeModelUnpriced", "a model is used that was never seen", {UP: "1x130", UNPRICED: "_x70 500x60"}, "100m",
        (Fired(
            "glm-9 has no price on web",
            "500 tokens of glm-9 were used in the last hour, and what they cost is in no figure.",
            EXPORTER | {"model": "glm-9"},
        ),),
    ),
    Case("ClaudeModelUnpriced", "it was used long ago", {UP: "1x130", UNPRICED: "500x130"}, "100m"),
    Case("ClaudeModelUnpriced", "it is only new to Prometheus", {UP: "_x70 1x60", UNPRICED: "_x70 500x60"}, "100m"),
)  # fmt: skip
