"""Every counter and histogram of the ledger: name, HELP, labels, and which of the labels are unbounded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from exporter.model.api_health import ApiErrorOutcome
from exporter.model.money import PICODOLLARS
from exporter.model.records import LineResult, PromptSource
from exporter.sources.files import SOURCES
from exporter.sources.transcript_files import TRANSCRIPT_SOURCE

MILLISECOND, SECOND, MINUTE, HOUR = 1_000, 1_000_000, 60_000_000, 3_600_000_000

ALL_SOURCES = (*SOURCES.values(), TRANSCRIPT_SOURCE)


@dataclass(frozen=True, slots=True)
class Counter:
    """A total that only increases. `unbounded` labels take values from the logs, the others from closed sets.

    Values are whole numbers, `per` of which are one unit of the metric. `events` marks counters of events; the others
    add up amounts, or count details of events that another counter counts.
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
    """A distribution of values. Bounds and sums are whole numbers, `per` of which are one unit of the metric.

    So sums are exact, and do not depend on the order of addition.
    """

    name: str
    help: str
    bounds: tuple[int, ...]
    labels: tuple[str, ...] = ()
    unbounded: frozenset[str] = frozenset()
    per: int = SECOND


SESSIONS_STARTED = Counter(
    "claude_sessions_started",
    "Total number of sessions started, by project: the directory in which Claude Code was started.",
    ("project",),
    frozenset({"project"}),
    events=True,
)
TOOL_CALLS = Counter(
    "claude_tool_calls",
    "Total number of ended tool calls, by outcome: success, error, denied, interrupted, or unknown (no end logged).",
    ("tool", "agent", "outcome"),
    frozenset({"tool", "agent"}),
    events=True,
)
TOOL_ERRORS = Counter(
    "claude_tool_errors",
    'Total number of failed tool calls (outcome="error" in claude_tool_calls_total), by error category.',
    ("tool", "category"),
    frozenset({"tool"}),
)
LINES_OF_CODE = Counter(
    "claude_lines_of_code",
    "Total number of lines added and removed by edits of files, by language, as Claude Code reports them; changes by"
    " commands are not included.",
    ("language", "change"),
)
COMMITS = Counter(
    "claude_commits", "Total number of commands that created a commit, as Claude Code recognizes them.", initial=((),)
)
PULL_REQUESTS = Counter(
    "claude_pull_requests",
    "Total number of commands that created a pull request, as Claude Code recognizes them.",
    initial=((),),
)
PROMPTS = Counter("claude_prompts", "Total number of prompts that people submitted to Claude Code.", initial=((),))
AUTOMATIC_PROMPTS = Counter(
    "claude_automatic_prompts",
    "Total number of prompts that no person submitted, by source: task_notification (the end of background work, lines"
    " of a monitor), schedule, peer (another agent, session or channel), or other.",
    ("source",),
    initial=tuple((source,) for source in PromptSource if source is not PromptSource.PERSON),
)
SUBAGENTS_STARTED = Counter(
    "claude_subagents_started",
    "Total number of sub-agent runs started, by type; resuming a sub-agent starts another run.",
    ("agent",),
    frozenset({"agent"}),
    events=True,
)
SUBAGENTS_ENDED = Counter(
    "claude_subagents_ended",
    "Total number of ended sub-agent runs, by outcome: success, error, interrupted (stopped), or unknown (no end"
    " logged).",
    ("agent", "outcome"),
    frozenset({"agent"}),
)
PERMISSION_REQUESTS = Counter(
    "claude_permission_requests",
    "Total number of times Claude Code asked for permission to use a tool.",
    ("tool",),
    frozenset({"tool"}),
    events=True,
)
COMPACTIONS = Counter(
    "claude_compactions",
    "Total number of conversation compactions, by trigger.",
    ("trigger",),
    frozenset({"trigger"}),
    (("auto",), ("manual",)),
    events=True,
)
LINES = Counter(
    "hookmeter_lines",
    "Total number of log lines read, by result: counted, duplicate (of a counted line), malformed (not a JSON object,"
    " or not countable), or ignored (of a kind that no metric uses).",
    ("source", "result"),
    initial=tuple(product(ALL_SOURCES, LineResult)),
)
BYTES_READ = Counter(
    "hookmeter_bytes_read",
    "Total size of the log lines read in bytes, without incomplete last lines.",
    ("source",),
    initial=tuple((source,) for source in ALL_SOURCES),
)
LABEL_OVERFLOW = Counter(
    "hookmeter_label_overflow",
    'Total number of events with a label value counted as "other" because the label had reached its limit of values.',
    ("label",),
    initial=tuple((label,) for label in ("agent", "from_model", "model", "project", "to_model", "tool", "trigger")),
)

TOOL_CALL_DURATION = Histogram(
    "claude_tool_call_duration_seconds",
    "Duration of tool calls as measured by Claude Code (without waiting for permission), otherwise from start to end.",
    (
        *(n * MILLISECOND for n in (1, 5, 10, 50, 100, 500)),
        *(n * SECOND for n in (1, 5, 10, 30)),
        *(n * MINUTE for n in (1, 5, 10, 30)),
    ),
    ("tool",),
    frozenset({"tool"}),
)
SUBAGENT_DURATION = Histogram(
    "claude_subagent_duration_seconds",
    "Duration of sub-agent runs from start to end, however long the call that launched them took.",
    (
        *(n * SECOND for n in (5, 10, 30)),
        *(n * MINUTE for n in (1, 2, 5, 10, 30)),
        *(n * HOUR for n in (1, 4)),
    ),
    ("agent",),
    frozenset({"agent"}),
)
SESSION_DURATION = Histogram(
    "claude_session_duration_seconds",
    "Duration of sessions from their first log line to their end; a resumed session counts again from there.",
    (10 * SECOND, *(n * MINUTE for n in (1, 5, 15, 30)), *(n * HOUR for n in (1, 2, 4, 8, 24))),
)

TOKENS = Counter(
    "claude_tokens",
    "Total number of tokens used, by kind: input (uncached), output, cache_read, cache_write_5m or cache_write_1h."
    " The agent not_itemized has what Claude Code reports for a session beyond its messages.",
    ("model", "kind", "agent", "project"),
    frozenset({"model", "agent", "project"}),
)
COST = Counter(
    "claude_cost_usd",
    "Total cost in US dollars of API messages, and of what sessions used beyond them (agent not_itemized), at the"
    " prices that apply: your own, your organization's, or list prices of the day; models without a known price are"
    " excluded (see claude_unpriced_tokens_total).",
    ("model", "agent", "project"),
    frozenset({"model", "agent", "project"}),
    per=PICODOLLARS,
)
API_REQUESTS = Counter(
    "claude_api_requests",
    "Total number of API messages, each counted once even if several log lines or files contain it.",
    ("model",),
    frozenset({"model"}),
)
UNPRICED_TOKENS = Counter(
    "claude_unpriced_tokens",
    "Total number of tokens of models without a known price; no other metric includes their cost.",
    ("model",),
    frozenset({"model"}),
)
CACHE_SAVINGS = Counter(
    "claude_cache_savings_usd",
    "Total savings by cache reads in US dollars, compared with the same tokens as uncached input; models without a"
    " known price are excluded.",
    ("model",),
    frozenset({"model"}),
    per=PICODOLLARS,
)
CACHE_PREMIUM = Counter(
    "claude_cache_premium_usd",
    "Total extra cost of cache writes in US dollars, compared with the same tokens as uncached input; models without a"
    " known price are excluded.",
    ("model",),
    frozenset({"model"}),
    per=PICODOLLARS,
)
WEB_SEARCHES = Counter("claude_web_searches", "Total number of web searches charged by the API.", initial=((),))
API_ERRORS = Counter(
    "claude_api_errors",
    "Total number of failed API requests, by HTTP status (network: no response) and outcome: retried, or abandoned with"
    " an error message.",
    ("status", "outcome"),
    initial=tuple(product(("529",), ApiErrorOutcome)),  # for boards of hosts without errors; 529 is the most frequent
    events=True,
)
API_RETRY_WAIT = Counter(
    "claude_api_retry_wait_seconds",
    "Total time between failed API requests and their next attempts, as planned by Claude Code.",
    initial=((),),
    per=1_000,
)
MODEL_FALLBACKS = Counter(
    "claude_model_fallbacks",
    "Total number of times Claude Code switched to another model because a request failed or was refused, by trigger.",
    ("trigger", "from_model", "to_model"),
    frozenset({"from_model", "to_model"}),
    events=True,
)
CONTEXT_TOKENS = Histogram(
    "claude_context_tokens",
    "Prompt size of API messages in tokens, including cached tokens.",
    (1_000, 5_000, 10_000, 20_000, 50_000, 100_000, 150_000, 200_000, 500_000, 1_000_000),
    per=1,
)

WAIT_DURATION = Histogram(
    "claude_wait_duration_seconds",
    "How long Claude Code waited for a person, by reason: permission (until it was given or denied, as hooks report it)"
    " or question (until it was answered). Not the time between the end of a turn and the next prompt.",
    (
        *(n * SECOND for n in (1, 5, 10, 30)),
        *(n * MINUTE for n in (1, 2, 5, 10, 30)),
        *(n * HOUR for n in (1, 4, 12)),
    ),
    ("reason",),
)

COUNTERS = (
    SESSIONS_STARTED, TOOL_CALLS, TOOL_ERRORS, PROMPTS, AUTOMATIC_PROMPTS, SUBAGENTS_STARTED, SUBAGENTS_ENDED,
    PERMISSION_REQUESTS, COMPACTIONS, LINES_OF_CODE, COMMITS, PULL_REQUESTS,
    TOKENS, COST, API_REQUESTS, UNPRICED_TOKENS, CACHE_SAVINGS, CACHE_PREMIUM, WEB_SEARCHES,
    API_ERRORS, API_RETRY_WAIT, MODEL_FALLBACKS, LINES, BYTES_READ, LABEL_OVERFLOW,
)  # fmt: skip
HISTOGRAMS = (TOOL_CALL_DURATION, SUBAGENT_DURATION, SESSION_DURATION, CONTEXT_TOKENS, WAIT_DURATION)
METRICS: dict[str, Counter | Histogram] = {metric.name: metric for metric in (*COUNTERS, *HISTOGRAMS)}
