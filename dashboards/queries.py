"""Every PromQL expression of the boards, by name. `$…` are the variables of variables.py and Grafana's own."""

from __future__ import annotations

from dashboards.growth import (
    INTERVAL,
    RANGE,
    TASKS,
    across_servers,
    exact_increase,
    in_range,
    last_values,
    per_interval,
    per_second,
    tasks_in_range,
)
from dashboards.increases import process_increase
from dashboards.promql import ALERT_RULES, ratio
from dashboards.promql_of_boards import (
    RATE,
    by_name,
    narrow,
    quantile,
    quantile_of,
    ranked,
    rate,
    series,
    share,
)
from dashboards.quotas import QUOTA_WINDOWS, USED, QuotaWindow, of_window, use_per_second

# Selectors by the variables of a board.
HOST = 'instance=~"$instance"'
SERVER = 'instance=~"$server"'
PROJECT = 'project=~"$project"'
AGENT = 'agent=~"$agent"'
TASK_AGENT = 'agent=~"$task_agent"'
MODEL = 'model=~"$model"'
TOOL = 'tool=~"$tool"'
WORKFLOW = 'workflow=~"$workflow"'
SUBAGENTS = 'agent!="main"'
NOT_COMPLETED = 'status!="completed"'
UNFINISHED = 'status=~"pending|running"'
# The objective: the share of tasks that complete, of all that complete or fail.
TASK_OBJECTIVE = 0.95
# The most series that a host should have, so that hundreds of hosts fit into a shared Mimir.
MAX_SERIES = 300

CALLS = series("claude_tool_calls_total", HOST, TOOL, AGENT)
FAILED_CALLS = narrow(CALLS, 'outcome="error"')
DENIED_CALLS = narrow(CALLS, 'outcome="denied"')
SUBAGENT_CALLS = narrow(CALLS, SUBAGENTS)
MCP_CALLS = narrow(CALLS, 'tool=~"mcp__.+"')
ERRORS = series("claude_tool_errors_total", HOST, TOOL)
DURATIONS = series("claude_tool_call_duration_seconds_bucket", HOST, TOOL)
SUBAGENT_DURATIONS = series("claude_subagent_duration_seconds_bucket", HOST, AGENT)
PEOPLE_WAITS = series("claude_wait_duration_seconds_bucket", HOST)
PERMISSIONS = series("claude_permission_requests_total", HOST, TOOL)
DENIED_REQUESTS = series("claude_tool_calls_total", HOST, TOOL, 'outcome="denied"')  # requests have no agent
IN_FLIGHT = series("claude_tool_calls_in_flight", HOST, TOOL)
IN_BACKGROUND = series("claude_background_commands_running", HOST)
RUNNING_SUBAGENTS = series("claude_subagents_running", HOST, AGENT)
COST = series("claude_cost_usd_total", HOST, PROJECT, AGENT, MODEL)
SUBAGENT_COST = narrow(COST, 'agent!~"main|not_itemized"')  # the latter is what sessions used beyond messages
TOKENS = series("claude_tokens_total", HOST, PROJECT, AGENT, MODEL)
PROMPT_TOKENS = narrow(TOKENS, 'kind!="output"')
CACHED_TOKENS = narrow(TOKENS, 'kind="cache_read"')
FINISHED = series("claude_tasks_finished_total", SERVER, TASK_AGENT, WORKFLOW)
COMPLETED_OR_FAILED = narrow(FINISHED, 'status=~"completed|failed"')
COMPLETED = narrow(FINISHED, 'status="completed"')
FAILED = narrow(FINISHED, 'status="failed"')
TASK_COST = series("claude_task_cost_usd_total", SERVER, TASK_AGENT, WORKFLOW)
LINES = series("hookmeter_lines_total", HOST)
BUILD = series("hookmeter_build_info", HOST)
SERVER_UP = series("hookmeter_streams", SERVER)


def by_mcp_server(counter: str) -> str:
    """The increase of calls to MCP tools, which are named `mcp__server__tool`, by server."""
    return f'sum by (server) (label_replace({exact_increase(counter)}, "server", "$1", "tool", "mcp__(.+?)__.*"))'


def restarts(of: str, window: str) -> str:
    """How often each target that has had a series in a window restarted in it, also if it is down at its end."""
    return f"(changes(process_start_time_seconds[{window}]) and on (instance, job) present_over_time({of}[{window}]))"


# Health
EXPORTERS_DOWN = f'count(up{{job="hookmeter", {HOST}}}) - sum(up{{job="hookmeter", {HOST}}})'
READ_LAG = f"max({series('hookmeter_read_lag_seconds', HOST)})"
# The latter is what Grafana writes of the alerts that it evaluates itself (docs/stack.md).
FIRING = '{__name__=~"ALERTS|GRAFANA_ALERTS", alertname=~"Claude.+|Hookmeter.+", alertstate="firing"}'
ALERTS_FIRING = f"count({FIRING}) or 0 * max({ALERT_RULES})"
MALFORMED = in_range(narrow(LINES, 'result="malformed"'))

# Activity
OPEN_SESSIONS = f"sum by (status) ({series('claude_sessions', HOST, NOT_COMPLETED)})"
WAITING = f"sum by (reason) ({series('claude_sessions_waiting', HOST)})"
LONGEST_WAIT = f"time() - min by (reason) ({series('claude_sessions_waiting_since_timestamp_seconds', HOST)})"
# The tools shown in graphs, of dozens: those with the most calls at the end of the selected range.
TOP_TOOLS = f"topk(8, sum by (tool) ({last_values(CALLS)}))"
CALLS_IN_FLIGHT = by_name({"calls": f"sum({IN_FLIGHT})", "in the background": f"sum({IN_BACKGROUND})"})
RUNNING = by_name(
    {
        "calls": f"sum({IN_FLIGHT})",
        "in the background": f"sum({IN_BACKGROUND})",
        "sub-agents": f"sum({RUNNING_SUBAGENTS})",
    }
)
CALLS_IN_FLIGHT_BY_TOOL = f"sum by (tool) ({IN_FLIGHT}) and on (tool) {TOP_TOOLS}"

# Tool calls
CALLS_IN_RANGE = in_range(CALLS)
CALLS_BY_TOOL = ranked(in_range(CALLS, "tool"))
CALLS_BY_OUTCOME = f"60 * {per_second(CALLS, 'outcome')}"
CALLS_BY_AGENT = f"60 * {per_second(CALLS, 'agent')}"
ERROR_RATIO = share(in_range(FAILED_CALLS), in_range(CALLS))
ERROR_RATIO_BY_TOOL = (
    f"({ratio(per_interval(FAILED_CALLS, 'tool'), per_interval(CALLS, 'tool'))}) and on (tool) {TOP_TOOLS}"
)
ERROR_RATIO_BY_AGENT = ratio(per_interval(FAILED_CALLS, "agent"), per_interval(CALLS, "agent"))
HIGHEST_ERROR_RATIOS = ranked(f"{in_range(FAILED_CALLS, 'tool')} / {in_range(CALLS, 'tool')}")
DENIED = in_range(DENIED_CALLS)
DENIED_PER_INTERVAL = per_interval(DENIED_REQUESTS)
PERMISSIONS_PER_INTERVAL = per_interval(PERMISSIONS)
PEOPLE_WAIT_P50 = quantile(0.5, PEOPLE_WAITS)
PEOPLE_WAIT_P95 = quantile(0.95, PEOPLE_WAITS)
ERRORS_PER_INTERVAL = per_interval(ERRORS, "category")
TOP_ERRORS = f"sort_desc(topk(20, {in_range(ERRORS, 'tool, category')} > 0))"
DURATION_P50 = quantile(0.5, DURATIONS)
DURATION_P95 = quantile(0.95, DURATIONS)
DURATION_P99 = quantile(0.99, DURATIONS)
DURATION_P95_BY_TOOL = f"({quantile(0.95, DURATIONS, 'tool')}) and on (tool) {TOP_TOOLS}"
DURATION_BUCKETS = per_interval(DURATIONS, "le")
MCP_CALLS_BY_SERVER = ranked(by_mcp_server(MCP_CALLS))
MCP_ERROR_RATIO_BY_SERVER = ratio(by_mcp_server(narrow(MCP_CALLS, 'outcome="error"')), by_mcp_server(MCP_CALLS))
LINES_OF_CODE = series("claude_lines_of_code_total", HOST)
LINES_PER_INTERVAL = per_interval(LINES_OF_CODE, "language")
CODE_IN_RANGE = by_name(
    {
        "lines added": in_range(narrow(LINES_OF_CODE, 'change="added"')),
        "lines removed": in_range(narrow(LINES_OF_CODE, 'change="removed"')),
        "commits": in_range(series("claude_commits_total", HOST)),
        "pull requests": in_range(series("claude_pull_requests_total", HOST)),
    }
)

# Cost and cache
SPENT = f"sum by (period) ({series('claude_spent_usd', HOST)})"
BUDGET_USED = f"max by (period) ({series('instance_period:claude_budget_used:ratio', HOST)})"
MONTH_FORECAST = f"sum({series('instance:claude_spent_usd:forecast_month', HOST)})"
COST_IN_RANGE = in_range(COST)
COST_PER_HOUR_BY_PROJECT = f"3600 * {per_second(COST, 'project')}"
COST_PER_HOUR_BY_AGENT = f"3600 * {per_second(COST, 'agent')}"
COST_BY_PROJECT = ranked(in_range(COST, "project"))
COST_BY_MODEL = ranked(in_range(COST, "model"))
COST_BY_AGENT = ranked(in_range(COST, "agent"))
TOKENS_BY_KIND = f"60 * {per_second(TOKENS, 'kind')}"
CACHE_HIT_RATE = share(in_range(CACHED_TOKENS), in_range(PROMPT_TOKENS))
CACHE_HIT_RATE_BY_MODEL = ratio(per_interval(CACHED_TOKENS, "model"), per_interval(PROMPT_TOKENS, "model"))
CACHE_SAVINGS = series("claude_cache_savings_usd_total", HOST, MODEL)
CACHE_PREMIUM = series("claude_cache_premium_usd_total", HOST, MODEL)
NET_CACHE_SAVINGS = f"{in_range(CACHE_SAVINGS)} - {in_range(CACHE_PREMIUM)}"
NET_CACHE_SAVINGS_PER_HOUR = f"3600 * ({per_second(CACHE_SAVINGS, 'model')} - {per_second(CACHE_PREMIUM, 'model')})"
CONTEXTS = series("claude_context_tokens_bucket", HOST)
CONTEXT_P50 = quantile(0.5, CONTEXTS)
CONTEXT_P95 = quantile(0.95, CONTEXTS)
REQUESTS = in_range(series("claude_api_requests_total", HOST, MODEL))
UNPRICED_TOKENS = f"{in_range(series('claude_unpriced_tokens_total', HOST, MODEL), 'model')} > 0"

# Agents and workflows
SESSIONS_STARTED = in_range(series("claude_sessions_started_total", HOST, PROJECT))
SESSIONS_BY_PROJECT = ranked(in_range(series("claude_sessions_started_total", HOST, PROJECT), "project"))
SESSION_P50 = quantile(0.5, series("claude_session_duration_seconds_bucket", HOST))
PROMPTS = in_range(series("claude_prompts_total", HOST))
SUBAGENTS_RUNNING = f"sum({RUNNING_SUBAGENTS})"
SUBAGENTS_PER_INTERVAL = per_interval(series("claude_subagents_started_total", HOST, AGENT), "agent")
SUBAGENT_OUTCOMES_PER_INTERVAL = per_interval(series("claude_subagents_ended_total", HOST, AGENT), "outcome")
SUBAGENT_CALLS_BY_TOOL = f"sort_desc(topk(20, {in_range(SUBAGENT_CALLS, 'agent, tool')} > 0))"
SUBAGENT_P50 = quantile(0.5, SUBAGENT_DURATIONS)
SUBAGENT_P95 = quantile(0.95, SUBAGENT_DURATIONS)
SUBAGENT_SHARE_OF_COST = share(in_range(SUBAGENT_COST), in_range(COST))
COST_PER_PROMPT = f"{in_range(series('claude_cost_usd_total', HOST))} / ({PROMPTS} > 0)"  # prompts have no labels
COMPACTIONS = in_range(series("claude_compactions_total", HOST), "trigger")
FINISHED_BY_WORKFLOW = ranked(tasks_in_range(series("claude_tasks_finished_total"), "workflow"))

# Tasks
ALL_UNFINISHED_TASKS = f"max by (status) ({series('claude_tasks', UNFINISHED)})"
UNFINISHED_TASKS = f"max by (status) ({series('claude_tasks', SERVER, UNFINISHED)})"
SLOTS = f"sum by (state) ({series('claude_task_slots', SERVER)})"
TASK_SUCCESS = ratio(tasks_in_range(COMPLETED), tasks_in_range(COMPLETED_OR_FAILED))
TASK_SUCCESS_BY_WORKFLOW = ratio(tasks_in_range(COMPLETED, "workflow"), tasks_in_range(COMPLETED_OR_FAILED, "workflow"))
COST_PER_TASK = f"{tasks_in_range(TASK_COST)} / ({tasks_in_range(FINISHED)} > 0)"
TASK_COST_BY_WORKFLOW = ranked(tasks_in_range(TASK_COST, "workflow"))
INCOMPLETE_TASK_COSTS = tasks_in_range(series("claude_task_incomplete_costs_total", SERVER, TASK_AGENT, WORKFLOW))
TASK_RETRIES = tasks_in_range(series("claude_task_retries_total", SERVER, TASK_AGENT, WORKFLOW))
FINISHED_PER_INTERVAL = across_servers(exact_increase(FINISHED, TASKS, INTERVAL), "status")
WAITS = series("claude_task_wait_seconds_bucket", SERVER)
WAIT_P50 = quantile(0.5, WAITS, marker=TASKS)
WAIT_P95 = quantile(0.95, WAITS, marker=TASKS)
RUNS = series("claude_task_duration_seconds_bucket", SERVER, 'status=~"completed|failed"')
RUN_P50_BY_STATUS = quantile(0.5, RUNS, "status", TASKS)
RUN_P95_BY_STATUS = quantile(0.95, RUNS, "status", TASKS)


def burn_rate(window: str) -> str:
    """How many times faster than the objective allows tasks fail; at 1, the 30-day error budget lasts 30 days."""
    failed, finished = (
        across_servers(exact_increase(counter, TASKS, window)) for counter in (FAILED, COMPLETED_OR_FAILED)
    )
    return f"{ratio(failed, finished)} / {1 - TASK_OBJECTIVE:.2f}"


TASK_BURN_RATE_1H = burn_rate("1h")
TASK_BURN_RATE_6H = burn_rate("6h")
TASK_ERROR_BUDGET_LEFT = f"1 - {burn_rate('30d')}"


# Quota: hosts of one account share it, so the highest reported value is the current one.
def seconds_to_exhaustion(window: QuotaWindow) -> str:
    """The seconds until a quota window is exhausted at its current rate; no series while it is not being used."""
    left = f"1 - max by (window) ({of_window(USED, window, HOST)})"
    return f"clamp_min({left}, 0) / (max by (window) ({use_per_second(window, HOST)}) > 0)"


QUOTA_USED = f"max by (window) ({series('claude_rate_limit_used_ratio', HOST)})"
QUOTA_AT_RESET = f"max by (window) ({series('instance_window:claude_rate_limit_used:forecast', HOST)})"
QUOTA_RESETS_IN = f"max by (window) ({series('claude_rate_limit_resets_timestamp_seconds', HOST)}) - time()"
QUOTA_EXHAUSTED_IN = " or ".join(map(seconds_to_exhaustion, QUOTA_WINDOWS))
QUOTA_REPORT_AGE = f"time() - max by (window) ({series('claude_rate_limit_seen_timestamp_seconds', HOST)})"

# API health
API_ERRORS = series("claude_api_errors_total", HOST)
API_ANSWERS = series("claude_api_requests_total", HOST)
ABANDONED_REQUESTS = in_range(narrow(API_ERRORS, 'outcome="abandoned"'))
# There are no answers yet where every request has failed.
API_ERROR_RATIO = share(in_range(API_ERRORS), f"({in_range(API_ERRORS)} + ({in_range(API_ANSWERS)} or vector(0)))")
API_ERRORS_PER_INTERVAL = per_interval(API_ERRORS, "status")
RETRY_WAIT = in_range(series("claude_api_retry_wait_seconds_total", HOST))
MODEL_FALLBACKS = f"""sort_desc(topk(20, {
    in_range(series("claude_model_fallbacks_total", HOST), "from_model, to_model, trigger")
} > 0))"""

# Meter health
READ_LAG_BY_HOST = f"max by (instance) ({series('hookmeter_read_lag_seconds', HOST)})"
LINES_BY_RESULT = f"60 * {per_second(LINES, 'result')}"
UNREADABLE = f"sum({series('hookmeter_unreadable_folders', HOST)})"
LEDGER_CONTENTS = by_name(
    {"open calls": f"sum({series('hookmeter_open_calls', HOST)})", "files": f"sum({series('hookmeter_files', HOST)})"}
)
LEDGER_CREATED = f"1000 * max({series('hookmeter_ledger_created_timestamp_seconds', HOST)})"
FAILED_LEDGER_WRITES = f"sum({process_increase(series('hookmeter_ledger_write_errors_total', HOST), RANGE)})"
COLLECTORS_FAILING = f"sum({series('hookmeter_collector_success', HOST)} == bool 0)"
COLLECTOR_SECONDS = f"max by (collector) ({series('hookmeter_collector_duration_seconds', HOST)})"
OVERFLOW = in_range(series("hookmeter_label_overflow_total", HOST))
SAMPLES_BY_HOST = f"max by (instance) (scrape_samples_scraped and on (instance, job) {BUILD})"
RESTARTS = f"sum({restarts(BUILD, RANGE)})"
MEMORY_BY_HOST = f"sum by (instance) (process_resident_memory_bytes and on (instance, job) {BUILD})"
VERSIONS = f"count by (version) ({BUILD})"
HTTP_BY_CODE = rate(series("hookmeter_http_requests_total", SERVER), "code")
HTTP_P95_BY_ROUTE = quantile_of(
    0.95, f"rate({series('hookmeter_http_request_duration_seconds_bucket', SERVER)}[{RATE}])", "route"
)
CONNECTIONS = by_name(
    {
        "live pages": f"sum({series('hookmeter_streams', SERVER)})",
        "chats": f"sum({series('hookmeter_sockets', SERVER)})",
    }
)
LOGINS_BY_RESULT = f"sum by (result) ({process_increase(series('hookmeter_logins_total', SERVER), INTERVAL, 'result')})"

# Annotations
ALERTS = f"max by (alertname, severity) (max_over_time({FIRING}[{INTERVAL}]))"  # also those shorter than an interval
EXPORTER_RESTARTED = f"{restarts(BUILD, RATE)} > 0"
SERVER_RESTARTED = f"{restarts(SERVER_UP, RATE)} > 0"

# Values of variables
OF_SESSIONS_AND_TOKENS = '__name__=~"claude_sessions_started_total|claude_tokens_total"'
OF_CALLS_AND_TOKENS = '__name__=~"claude_tool_calls_total|claude_tokens_total"'
INSTANCES = "label_values(hookmeter_build_info, instance)"
SERVERS = "label_values(hookmeter_streams, instance)"
# Of spending, too: it may have values that no session, call or request has, such as the agent not_itemized.
PROJECTS = f"label_values({series('', OF_SESSIONS_AND_TOKENS, HOST)}, project)"
AGENTS = f"label_values({series('', OF_CALLS_AND_TOKENS, HOST)}, agent)"
MODELS = f"label_values({series('claude_tokens_total', HOST)}, model)"
TOOLS = f"label_values({series('claude_tool_calls_total', HOST)}, tool)"
TASK_AGENTS = f"label_values({series('claude_tasks_finished_total', SERVER)}, agent)"
WORKFLOWS = f"label_values({series('claude_tasks_finished_total', SERVER)}, workflow)"
