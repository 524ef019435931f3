"""Sessions, tool calls and other events of agents."""

from __future__ import annotations

from exporter.counting.catalog import AUTOMATIC_PROMPTS, COMPACTIONS
from exporter.model.records import ErrorCategory, Outcome, SessionStatus
from exporter.model.waiting import WaitReason
from exporter.sources.languages import LANGUAGES
from tools.metrics_page.labels import AGENT, PROJECT, TOOL
from tools.metrics_page.records import Example, LabelText, MetricText, Section

REASON = LabelText("what the session waits for", tuple(WaitReason))
SESSIONS = (
    MetricText(
        "claude_sessions",
        "sessions",
        Example("active sessions", 'sum(claude_sessions{status="active"})'),
        labels={"status": LabelText("the current status of the session", tuple(SessionStatus))},
    ),
    MetricText(
        "claude_sessions_without_cost",
        "sessions",
        Example(
            "share of sessions whose cost is unknown",
            "sum(claude_sessions_without_cost) / sum(claude_sessions)",
        ),
        more="No other metric has what these sessions spent; their calls, prompts and durations come from hooks.",
    ),
    MetricText(
        "claude_sessions_waiting",
        "sessions",
        Example("sessions that wait for a person", "sum(claude_sessions_waiting)"),
        labels={"reason": REASON},
        more="[What waits](counting.md#what-waits-for-a-person), and how it is known.",
    ),
    MetricText(
        "claude_sessions_waiting_since_timestamp_seconds",
        "seconds",
        Example(
            "the longest wait for an answer or a permission, in seconds",
            'time() - min(claude_sessions_waiting_since_timestamp_seconds{reason!="idle"})',
        ),
        labels={"reason": REASON},
    ),
    MetricText(
        "claude_wait_duration_seconds",
        "seconds",
        Example(
            "share of waits that took longer than five minutes, by reason",
            '1 - sum by (reason) (claude_wait_duration_seconds_bucket{le="300.0"})'
            ' / sum by (reason) (claude_wait_duration_seconds_bucket{le="+Inf"})',
        ),
        labels={"reason": LabelText("what the call waited for", (WaitReason.PERMISSION, WaitReason.QUESTION))},
        more="Buckets range from 1 s to 12 h. Waits whose end nothing shows are not observed.",
    ),
    MetricText(
        "claude_sessions_started_total",
        "sessions",
        Example(
            "sessions started in the last day, by project",
            "sum by (project) (series:claude_sessions_started:increase1d)",
        ),
        labels={"project": PROJECT},
    ),
    MetricText(
        "claude_session_duration_seconds",
        "seconds",
        Example(
            "median session duration of the last day, by exporter",
            "instance:claude_session_duration_seconds:p50_1d",
        ),
        more="A session without an end event is observed after 24 hours without log lines.",
    ),
)
TOOL_CALLS = (
    MetricText(
        "claude_tool_calls_total",
        "calls",
        Example(
            "tool calls in the last hour, by outcome",
            "sum by (outcome) (series:claude_tool_calls:increase1h)",
        ),
        labels={
            "tool": TOOL,
            "agent": AGENT,
            "outcome": LabelText("how the call ended ([definitions](counting.md#calls))", tuple(Outcome)),
        },
    ),
    MetricText(
        "claude_tool_call_duration_seconds",
        "seconds",
        Example(
            "95th percentile of the call duration in the last hour, by tool and exporter",
            "instance_tool:claude_tool_call_duration_seconds:p95_1h",
        ),
        more="Buckets range from 1 ms to 30 min. Calls of unknown duration are not observed. In the OpenMetrics format,"
        " each bucket has an exemplar with a session ID.",
        labels={"tool": TOOL},
    ),
    MetricText(
        "claude_tool_errors_total",
        "calls",
        Example(
            "most frequent error categories of the last day",
            "topk(5, sum by (category) (series:claude_tool_errors:increase1d))",
        ),
        labels={"tool": TOOL, "category": LabelText("why the call failed", tuple(ErrorCategory))},
    ),
    MetricText(
        "claude_tool_calls_in_flight",
        "calls",
        Example("running calls, by tool", "sum by (tool) (claude_tool_calls_in_flight) > 0"),
        labels={"tool": TOOL},
    ),
    MetricText(
        "claude_background_commands_running",
        "commands",
        Example("commands in the background", "sum(claude_background_commands_running)"),
        more="Their calls are not in flight, and count with outcome and duration when the commands end.",
    ),
)
EVENTS = (
    MetricText(
        "claude_prompts_total",
        "prompts",
        Example("prompts in the last hour", "sum(series:claude_prompts:increase1h)"),
    ),
    MetricText(
        "claude_automatic_prompts_total",
        "prompts",
        Example(
            "automatic prompts of the last day, by source",
            "sum by (source) (series:claude_automatic_prompts:increase1d)",
        ),
        labels={
            "source": LabelText("who submitted the prompt", tuple(source for (source,) in AUTOMATIC_PROMPTS.initial))
        },
    ),
    MetricText(
        "claude_permission_requests_total",
        "requests",
        Example(
            "ratio of denied calls to permission requests",
            'sum(series:claude_tool_calls:increase1d{outcome="denied"})'
            " / sum(series:claude_permission_requests:increase1d)",
        ),
        labels={"tool": TOOL},
    ),
    MetricText(
        "claude_compactions_total",
        "compactions",
        Example(
            "compactions in the last day, by trigger",
            "sum by (trigger) (series:claude_compactions:increase1d)",
        ),
        labels={
            "trigger": LabelText("what triggered the compaction", tuple(trigger for (trigger,) in COMPACTIONS.initial))
        },
    ),
)
CODE = (
    MetricText(
        "claude_lines_of_code_total",
        "lines",
        Example(
            "lines added in the last day, by language",
            'sum by (language) (series:claude_lines_of_code:increase1d{change="added"})',
        ),
        labels={
            "language": LabelText("the language of the file, by its name", LANGUAGES),
            "change": LabelText("what the edit did", ("added", "removed")),
        },
        more="The lines are those of the difference that Claude Code reports with the result of a successful edit;"
        " `hookmeter code` has them by project, too.",
    ),
    MetricText(
        "claude_commits_total",
        "commands",
        Example("commits of the last day", "sum(series:claude_commits:increase1d)"),
        more="An amended commit is not counted. Claude Code recognizes commits and pull requests since 2.1.332 at the"
        " latest.",
    ),
    MetricText(
        "claude_pull_requests_total",
        "commands",
        Example("pull requests of the last day", "sum(series:claude_pull_requests:increase1d)"),
    ),
)
SUBAGENT = LabelText("the type of the sub-agent")
RUNS = (
    MetricText(
        "claude_subagents_started_total",
        "runs",
        Example(
            "runs of sub-agents started in the last day, by type",
            "sum by (agent) (series:claude_subagents_started:increase1d)",
        ),
        labels={"agent": SUBAGENT},
    ),
    MetricText(
        "claude_subagents_ended_total",
        "runs",
        Example(
            "ratio of failed runs of sub-agents in the last day, by type",
            'sum by (agent) (series:claude_subagents_ended:increase1d{outcome="error"})'
            " / sum by (agent) (series:claude_subagents_ended:increase1d)",
        ),
        labels={
            "agent": SUBAGENT,
            "outcome": LabelText(
                "how the run ended ([definitions](counting.md#sub-agents))",
                tuple(outcome for outcome in Outcome if outcome is not Outcome.DENIED),
            ),
        },
    ),
    MetricText(
        "claude_subagent_duration_seconds",
        "seconds",
        Example(
            "95th percentile of the duration of sub-agents in the last day, by type and exporter",
            "instance_agent:claude_subagent_duration_seconds:p95_1d",
        ),
        more="Buckets range from 5 s to 4 h. Runs of unknown duration are not observed.",
        labels={"agent": SUBAGENT},
    ),
    MetricText(
        "claude_subagents_running",
        "runs",
        Example("running sub-agents, by type", "sum by (agent) (claude_subagents_running) > 0"),
        labels={"agent": SUBAGENT},
    ),
)
AGENTS = Section("Sessions and tool calls", (*SESSIONS, *TOOL_CALLS, *EVENTS, *CODE, *RUNS))
