"""Every counter and histogram that the ledger keeps: its name, its labels, and how many values a label may take."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from exporter.model.money import PICODOLLARS
from exporter.model.records import LineResult
from exporter.sources.files import SOURCES
from exporter.sources.transcript_files import TRANSCRIPT_SOURCE

MILLISECOND, SECOND, MINUTE, HOUR = 1_000, 1_000_000, 60_000_000, 3_600_000_000

ALL_SOURCES = (*SOURCES.values(), TRANSCRIPT_SOURCE)


@dataclass(frozen=True, slots=True)
class Counter:
    """A total that only grows. `unbounded` labels come from the logs; the others take values of closed sets.

    It is counted in whole numbers, `per` of which make one of the metric's unit. One of `events` grows by one for each;
    the others hold amounts, or say more of events that are counted already.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    unbounded: frozenset[str] = frozenset()
    initial: tuple[tuple[str, ...], ...] = ()
    per: int = 1
    events: bool = False


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by size. Bounds and sums are whole numbers, `per` of which make one of the metric's unit.

    So totals are exact whatever the order of adding.
    """

    name: str
    help: str
    bounds: tuple[int, ...]
    labels: tuple[str, ...] = ()
    unbounded: frozenset[str] = frozenset()
    per: int = SECOND


SESSIONS_STARTED = Counter(
    "claude_sessions_started",
    "Sessions that were seen for the first time, by the directory that Claude Code was started in.",
    ("project",),
    frozenset({"project"}),
    events=True,
)
TOOL_CALLS = Counter(
    "claude_tool_calls",
    "Tool calls that have ended, by how: success, error, denied, interrupted, or unknown where no word of it came.",
    ("tool", "agent", "outcome"),
    frozenset({"tool", "agent"}),
    events=True,
)
TOOL_ERRORS = Counter(
    "claude_tool_errors",
    'Tool calls that ended in an error, by why; their sum is that of claude_tool_calls_total with outcome="error".',
    ("tool", "category"),
    frozenset({"tool"}),
)
PROMPTS = Counter("claude_prompts", "Prompts that were submitted to Claude Code.", initial=((),))
SUBAGENTS_STARTED = Counter(
    "claude_subagents_started",
    "Sub-agents that were started, by their type.",
    ("agent",),
    frozenset({"agent"}),
    events=True,
)
PERMISSION_REQUESTS = Counter(
    "claude_permission_requests",
    "Times that Claude Code asked for permission to use a tool.",
    ("tool",),
    frozenset({"tool"}),
    events=True,
)
COMPACTIONS = Counter(
    "claude_compactions",
    "Times that a conversation was compacted, by what asked for it.",
    ("trigger",),
    frozenset({"trigger"}),
    (("auto",), ("manual",)),
    events=True,
)
LINES = Counter(
    "hookmeter_lines",
    "Log lines read: counted, duplicate (said before), malformed (no JSON object), or ignored (of no known kind).",
    ("source", "result"),
    initial=tuple(product(ALL_SOURCES, LineResult)),
)
BYTES_READ = Counter(
    "hookmeter_bytes_read",
    "Bytes of whole log lines read.",
    ("source",),
    initial=tuple((source,) for source in ALL_SOURCES),
)
LABEL_OVERFLOW = Counter(
    "hookmeter_label_overflow",
    "Sessions, tool calls, sub-agents, permission requests, compactions and API messages that were counted as"
    ' "other", because the label had reached its limit of values.',
    ("label",),
    initial=(("agent",), ("model",), ("project",), ("tool",), ("trigger",)),
)

TOOL_CALL_DURATION = Histogram(
    "claude_tool_call_duration_seconds",
    "How long tool calls took, by Claude Code's own measure where it gives one (without the wait for a permission).",
    (
        *(n * MILLISECOND for n in (1, 5, 10, 50, 100, 500)),
        *(n * SECOND for n in (1, 5, 10, 30)),
        *(n * MINUTE for n in (1, 5, 10, 30)),
    ),
    ("tool",),
    frozenset({"tool"}),
)
SESSION_DURATION = Histogram(
    "claude_session_duration_seconds",
    "How long sessions lasted, from their first line to their end; a resumed one counts again, from where it resumed.",
    (10 * SECOND, *(n * MINUTE for n in (1, 5, 15, 30)), *(n * HOUR for n in (1, 2, 4, 8, 24))),
)

TOKENS = Counter(
    "claude_tokens",
    "Tokens that API messages used, by kind: input (not cached), output, cache_read, cache_write_5m, cache_write_1h.",
    ("model", "kind", "agent", "project"),
    frozenset({"model", "agent", "project"}),
)
COST = Counter(
    "claude_cost_usd",
    "What API messages cost in US dollars by the list prices of their day; messages of models without a known price"
    " are not in it, but in claude_unpriced_tokens_total.",
    ("model", "agent", "project"),
    frozenset({"model", "agent", "project"}),
    per=PICODOLLARS,
)
API_REQUESTS = Counter(
    "claude_api_requests",
    "API messages that were answered, each counted once, however many lines and files tell of it.",
    ("model",),
    frozenset({"model"}),
)
UNPRICED_TOKENS = Counter(
    "claude_unpriced_tokens",
    "Tokens of models that no price is known of: what they cost is in no other metric.",
    ("model",),
    frozenset({"model"}),
)
CACHE_SAVINGS = Counter(
    "claude_cache_savings_usd",
    "What reading from the cache saved in US dollars, against the same tokens as plain input.",
    ("model",),
    frozenset({"model"}),
    per=PICODOLLARS,
)
CACHE_PREMIUM = Counter(
    "claude_cache_premium_usd",
    "What writing to the cache cost in US dollars above the same tokens as plain input.",
    ("model",),
    frozenset({"model"}),
    per=PICODOLLARS,
)
WEB_SEARCHES = Counter("claude_web_searches", "Web searches that the API made and charged for.", initial=((),))
CONTEXT_TOKENS = Histogram(
    "claude_context_tokens",
    "How large the prompts of API messages were in tokens, cached ones among them.",
    (1_000, 5_000, 10_000, 20_000, 50_000, 100_000, 150_000, 200_000, 500_000, 1_000_000),
    per=1,
)

COUNTERS = (
    SESSIONS_STARTED, TOOL_CALLS, TOOL_ERRORS, PROMPTS, SUBAGENTS_STARTED, PERMISSION_REQUESTS, COMPACTIONS,
    TOKENS, COST, API_REQUESTS, UNPRICED_TOKENS, CACHE_SAVINGS, CACHE_PREMIUM, WEB_SEARCHES,
    LINES, BYTES_READ, LABEL_OVERFLOW,
)  # fmt: skip
HISTOGRAMS = (TOOL_CALL_DURATION, SESSION_DURATION, CONTEXT_TOKENS)
METRICS: dict[str, Counter | Histogram] = {metric.name: metric for metric in (*COUNTERS, *HISTOGRAMS)}
