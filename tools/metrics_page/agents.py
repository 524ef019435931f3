"""What the page says of the metrics of sessions, tool calls and what else agents do."""

from __future__ import annotations

from exporter.counting.catalog import COMPACTIONS
from exporter.model.records import ErrorCategory, Outcome, SessionStatus
from tools.metrics_page.labels import AGENT, PROJECT, TOOL
from tools.metrics_page.records import Example, LabelText, MetricText, Section

SESSIONS = (
    MetricText(
        "claude_sessions",
        "sessions",
        Example("sessions that are at work now", 'sum(claude_sessions{status="active"})'),
        labels={"status": LabelText("what the session is doing", tuple(SessionStatus))},
    ),
    MetricText(
        "claude_sessions_started_total",
        "sessions",
        Example(
            "sessions begun in the last day, by project",
            "sum by (project) (increase(claude_sessions_started_total[1d]))",
        ),
        labels={"project": PROJECT},
    ),
    MetricText(
        "claude_session_duration_seconds",
        "seconds",
        Example(
            "how long half of the sessions last at most",
            "histogram_quantile(0.5, sum by (le) (rate(claude_session_duration_seconds_bucket[1d])))",
        ),
        more="One that never says that it ended counts after 24 hours of silence.",
    ),
)
TOOL_CALLS = (
    MetricText(
        "claude_tool_calls_total",
        "calls",
        Example("tool calls a minute", "60 * sum(rate(claude_tool_calls_total[5m]))"),
        labels={
            "tool": TOOL,
            "agent": AGENT,
            "outcome": LabelText("how it ended ([which is when](counting.md#calls))", tuple(Outcome)),
        },
    ),
    MetricText(
        "claude_tool_call_duration_seconds",
        "seconds",
        Example(
            "the 95th percentile of how long each tool takes",
            "histogram_quantile(0.95, sum by (le, tool) (rate(claude_tool_call_duration_seconds_bucket[1h])))",
        ),
        more="Its buckets go from 1 ms to 30 min; calls whose length nobody knows are left out. In OpenMetrics each"
        " bucket points at a session by an exemplar.",
        labels={"tool": TOOL},
    ),
    MetricText(
        "claude_tool_errors_total",
        "calls",
        Example(
            "what calls failed of most in the last day",
            "topk(5, sum by (category) (increase(claude_tool_errors_total[1d])))",
        ),
        labels={"tool": TOOL, "category": LabelText("why it failed", tuple(ErrorCategory))},
    ),
    MetricText(
        "claude_tool_calls_in_flight",
        "calls",
        Example("calls that run now, by tool", "sum by (tool) (claude_tool_calls_in_flight) > 0"),
        labels={"tool": TOOL},
    ),
)
EVENTS = (
    MetricText(
        "claude_prompts_total",
        "prompts",
        Example("prompts an hour", "3600 * sum(rate(claude_prompts_total[1h]))"),
    ),
    MetricText(
        "claude_subagents_started_total",
        "sub-agents",
        Example(
            "sub-agents started in the last day, by type",
            "sum by (agent) (increase(claude_subagents_started_total[1d]))",
        ),
        labels={"agent": LabelText("the sub-agent's type")},
    ),
    MetricText(
        "claude_permission_requests_total",
        "requests",
        Example(
            "how often a permission was asked for and not given",
            'sum(increase(claude_tool_calls_total{outcome="denied"}[1d]))'
            " / sum(increase(claude_permission_requests_total[1d]))",
        ),
        labels={"tool": TOOL},
    ),
    MetricText(
        "claude_compactions_total",
        "compactions",
        Example(
            "conversations compacted in the last day, by what asked for it",
            "sum by (trigger) (increase(claude_compactions_total[1d]))",
        ),
        labels={"trigger": LabelText("what asked for it", tuple(trigger for (trigger,) in COMPACTIONS.initial))},
    ),
)
AGENTS = Section("What agents do", (*SESSIONS, *TOOL_CALLS, *EVENTS))
