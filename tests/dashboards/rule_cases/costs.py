from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, PAGE, Case, Fired, exporter

SPENT_TODAY, DAILY_BUDGET = exporter("claude_spent_usd", period="day"), exporter("claude_budget_usd", period="day")
SPENT, BUDGET = exporter("claude_spent_usd", period="month"), exporter("claude_budget_usd", period="month")
COST = exporter("claude_cost_usd_total", model="m", agent="main", project="shop")
NEW_COST = exporter("claude_cost_usd_total", model="m", agent="main", project="new")
LEDGER = exporter("hookmeter_ledger_created_timestamp_seconds")
CACHED = exporter("claude_tokens_total", model="m", agent="main", project="shop", kind="cache_read")
INPUT = exporter("claude_tokens_total", model="m", agent="main", project="shop", kind="input")
UNPRICED = exporter("claude_unpriced_tokens_total", model="glm-9")
MONTH_START = exporter("claude_spent_since_timestamp_seconds", period="month")
MONTH_END = exporter("claude_spent_until_timestamp_seconds", period="month")
# A test starts on 1 January.
JANUARY = {MONTH_START: "0x250", MONTH_END: f"{31 * 86400}x250"}
DAY = EXPORTER | {"period": "day"}

CASES = (
    Case(
        "ClaudeBudgetNearlySpent", "85 of 100 dollars are spent", {SPENT_TODAY: "85x5", DAILY_BUDGET: "100x5"}, "3m",
        (Fired(
            "The budget for the day is nearly spent on web", "85% of the budget for this day is spent.", DAY,
        ),),
    ),
    Case("ClaudeBudgetNearlySpent", "half of it is spent", {SPENT_TODAY: "50x5", DAILY_BUDGET: "100x5"}, "3m"),
    Case("ClaudeBudgetNearlySpent", "more than that is spent", {SPENT_TODAY: "120x5", DAILY_BUDGET: "100x5"}, "3m"),
    Case(
        "ClaudeBudgetSpent", "120 of 100 dollars are spent", {SPENT_TODAY: "120x5", DAILY_BUDGET: "100x5"}, "3m",
        (Fired(
            "The budget for the day is spent on web",
            "120% of the budget for this day is spent. Running agents are not stopped.",
            DAY,
        ),),
    ),
    Case("ClaudeBudgetSpent", "a dollar is left", {SPENT_TODAY: "99x5", DAILY_BUDGET: "100x5"}, "3m"),
    Case("ClaudeBudgetSpent", "no budget is set", {SPENT_TODAY: "1000x5"}, "3m"),
    Case(
        "ClaudeBudgetForecastExceeded", "ten days cost 240 of 500 dollars",
        {SPENT: "0+1x250", BUDGET: "500x250", **JANUARY}, "240h",
        (Fired(
            "The monthly budget will be exceeded on web",
            "At the rate of this month so far, 744.00 USD will be spent by its end, more than the monthly budget.",
            EXPORTER,
        ),),
        every="1h",
    ),
    Case(
        "ClaudeBudgetForecastExceeded", "the budget holds at this rate",
        {SPENT: "0+1x250", BUDGET: "800x250", **JANUARY}, "240h", every="1h",
    ),
    Case(
        "ClaudeBudgetForecastExceeded", "the second day of a month is too early",
        {SPENT: "0+1x250", BUDGET: "500x250", **JANUARY}, "40h", every="1h",
    ),
    Case(
        "ClaudeCostSpike", "twelve dollars an hour, after days of sixty cents", {COST: "0+0.05x800 41+1x40"}, "4090m",
        (Fired(
            "Cost spike on web",
            "12.00 USD were spent in the last hour, more than 2 times the p95 of the hourly cost of the last week.",
            EXPORTER,
        ),),
        every="5m",
    ),
    Case("ClaudeCostSpike", "the cost is the same every day", {COST: "0+1x840"}, "4090m", every="5m"),
    Case(
        "ClaudeCostSpike", "one hour of each day costs eight dollars",
        {COST: " ".join(f"{8 * day}x276 {8 * day}+0.666667x11" for day in range(5))}, "7170m", every="5m",
    ),
    Case(
        "ClaudeCostSpike", "forty dollars an hour after a day without an exporter",
        {COST: "0+0.04x1440 _x288 57.6+3.333x20"}, "8730m",
        (Fired(
            "Cost spike on web",
            "40.00 USD were spent in the last hour, more than 2 times the p95 of the hourly cost of the last week.",
            EXPORTER,
        ),),
        every="5m",
    ),
    Case(
        "ClaudeCostSpike", "a new ledger has counted less than the lost one",
        {COST: "0+0.05x800 512x3 480x20", LEDGER: "1000x803 90000x20"}, "4090m", every="5m",
    ),
    Case(
        "ClaudeCostSpike", "the first two dollars of a project, after days of a dollar an hour",
        {PAGE: "0x840", COST: "0+0.08333333x840", NEW_COST: "_x810 2x30"}, "4090m", every="5m",
    ),
    Case("ClaudeCostSpike", "there is too little history", {COST: "0+0.05x60 4+1x40"}, "390m", every="5m"),
    Case("ClaudeCostSpike", "twenty times almost nothing", {COST: "0+0.01x800 8+0.2x40"}, "4090m", every="5m"),
    Case(
        "ClaudeCacheHitsCollapsed", "cache reads stop",
        {CACHED: "0+9000x180 1620000x120", INPUT: "0+1000x180 190000+10000x120"}, "235m",
        (Fired(
            "The cache hit rate has collapsed on web",
            "7.5% of the prompt tokens of the last hour were read from the cache, less than half of the weekly average."
            " Uncached tokens cost up to 40 times as much, depending on the model.",
            EXPORTER,
        ),),
    ),
    Case(
        "ClaudeCacheHitsCollapsed", "a few prompts miss the cache",
        {CACHED: "0+9000x180 1620000x120", INPUT: "0+1000x180 180100+100x120"}, "235m",
    ),
    Case("ClaudeCacheHitsCollapsed", "the hit rate is always low", {CACHED: "0+9000x240", INPUT: "0+9000x240"}, "235m"),
    Case(
        "ClaudeModelUnpriced", "a new model is used", {PAGE: "0x130", UNPRICED: "_x70 500x60"}, "100m",
        (Fired(
            "glm-9 has no price on web",
            "500 tokens of glm-9 were used in the last hour; their cost is missing from all metrics.",
            EXPORTER | {"model": "glm-9"},
        ),),
    ),
    Case(
        "ClaudeModelUnpriced", "a new model was used while the exporter was away",
        {PAGE: "0x20 _x60 0x60", UNPRICED: "_x81 500x60"}, "110m",
        (Fired(
            "glm-9 has no price on web",
            "500 tokens of glm-9 were used in the last hour; their cost is missing from all metrics.",
            EXPORTER | {"model": "glm-9"},
        ),),
    ),
    Case("ClaudeModelUnpriced", "it was used a long time ago", {PAGE: "0x130", UNPRICED: "500x130"}, "100m"),
    Case("ClaudeModelUnpriced", "it is new to Prometheus only", {PAGE: "_x70 0x60", UNPRICED: "_x70 500x60"}, "100m"),
)  # fmt: skip
