// The JSON of /api/metrics, /api/sessions and /api/tasks: the fields that this page reads.
import type { TaskStatus } from "../shared/types";

export interface ToolNow {
  tool: string;
  agent: string;
  since: string | null;
}

export interface AgentNow {
  agent: string;
  since: string | null;
}

/** What runs: calls, commands in the background, and sub-agents. */
export interface WorkNow {
  tools: ToolNow[];
  background: ToolNow[];
  subagents: AgentNow[];
}

/** What the last request of a session sent; `window` is null if the size of the context window is unknown. */
export interface ContextNow {
  tokens: number;
  window: number | null;
  model: string;
}

export interface TaskNow extends WorkNow {
  task_id: string;
  status: TaskStatus;
  description: string;
  agent: string;
  model: string;
  session_uuid: string | null;
  queued_at: string;
  started_at: string | null;
  finished_at: string | null;
  progress: number | null;
  cost_usd: number | null;
  known_cost_usd: number;
  unpriced_tokens: number;
  error: string | null;
  context: ContextNow | null;
}

export interface SessionNow extends WorkNow {
  session_uuid: string;
  title: string;
  project: string;
  started_at: string;
  last_activity_at: string;
  calls: number;
  errors: number;
  cost_usd: number | null;
  unpriced_tokens: number;
  context: ContextNow | null;
}

/** A session that waits for a person; `text` is what is asked, such as a command or a question. */
export interface WaitingNow {
  session_uuid: string;
  title: string;
  project: string;
  reason: "permission" | "question" | "idle";
  since: string;
  tool: string;
  agent: string;
  text: string;
}

export interface Session {
  session_uuid: string;
  project: string;
  status: "active" | "idle" | "completed";
  tool_count: number;
  error_count: number;
  running: number;
  running_agents: number;
  background_commands: number;
  duration_ms: number;
  started_at: string;
  last_activity_at: string;
  witnesses: ("hooks" | "transcript")[];
  cost_usd: number | null;
  /** Those of models without a known price, whose cost is not in it. */
  unpriced_tokens: number;
}

/** A session as it is listed. */
export interface ListedSession extends Session {
  title: string;
  models: string[];
  agents: string[];
  tokens: { input: number; output: number; cache_read: number; cache_write: number };
}

export interface ToolFigures {
  calls: number;
  errors: number;
  success_rate: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface ToolRange {
  starts_at: string;
  slot_seconds: number;
  calls: number[];
  errors: number[];
  error_rate: number | null;
  performance: Record<string, ToolFigures>;
  series: Record<string, number[]>;
  categories: { category: string; count: number }[];
}

export interface CostSeries {
  name: string;
  cost_usd: number | null;
  unpriced_tokens: number;
  slots: number[];
  incomplete_slots: number[];
}

export interface CostRange {
  starts_at: string;
  slot_seconds: number;
  cost_usd: number | null;
  unpriced_tokens: number;
  by_model: CostSeries[];
  by_project: CostSeries[];
}

export interface LatestError {
  ended_at: string;
  session_uuid: string;
  project: string;
  tool: string;
  agent: string;
  category: string;
  error: string;
}

/** A window of a subscription as it was reported last; shares are of 1. */
export interface WindowUse {
  window: "five_hour" | "seven_day";
  used: number;
  resets_at: string;
  seen_at: string;
  per_hour: number | null;
  at_reset: number | null;
  exhausted_at: string | null;
}

/** The current block of five hours, with a limit that is an estimate from earlier ones. */
export interface EstimatedUse {
  starts_at: string;
  resets_at: string;
  spent_usd: number | null;
  unpriced_tokens: number;
  limit_usd: number | null;
  limit_unpriced_tokens: number;
  used: number | null;
  at_reset_usd: number | null;
  blocks: number;
}

export interface PeriodUse {
  period: "day" | "month";
  ends_at: string;
  spent_usd: number | null;
  unpriced_tokens: number;
  budget_usd: number | null;
  used: number | null;
  forecast_usd: number | null;
}

export interface QuotaReport {
  windows: WindowUse[];
  estimated: EstimatedUse | null;
  spent_last_hour_usd: number | null;
  unpriced_tokens_last_hour: number;
  periods: PeriodUse[];
}

export interface Snapshot {
  active_tasks: number;
  pending_tasks: number;
  completed_tasks_24h: number;
  failed_tasks_24h: number;
  stopped_tasks_24h: number;
  sessions: { active: number; idle: number; completed: number };
  cost_24h: number | null;
  cost_month: number | null;
  unpriced_tokens_24h: number;
  unpriced_tokens_month: number;
  quota: QuotaReport;
  calls_per_minute: number;
  waiting: WaitingNow[];
  running: { tasks: TaskNow[]; ended_tasks: TaskNow[]; sessions: SessionNow[] };
  recent_sessions: { total: number; newest: Session[] };
  latest_errors: LatestError[];
  tools: { "1h": ToolRange; "24h": ToolRange };
  costs: { "24h"?: CostRange };
  complete: boolean;
}

export type Outcome = "success" | "error" | "denied" | "interrupted" | "unknown" | "running";

export interface ToolCall {
  tool_name: string;
  timestamp: string | null;
  duration_ms: number | null;
  outcome: Outcome;
  /** What it is about, on one line: its command, file or pattern. */
  subject: string;
  parameters: unknown;
  error: string | null;
  error_category: string | null;
  agent: string;
  agent_id: string;
  source: "hook" | "transcript" | "inferred" | null;
  /** The run of the sub-agent that the call launched or waited for. */
  subagent: { agent_id: string; agent: string; duration_ms: number | null; outcome: Outcome } | null;
}

export interface ApiRequest {
  request: string;
  at: string;
  model: string;
  agent: string;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  cost_usd: number | null;
}

export interface SessionEvent {
  id: string;
  at: string;
  until: string | null;
  kind: "prompt" | "answer" | "permission" | "compaction" | "api_error" | "fallback";
  agent: string;
  agent_id: string;
  tool: string;
  text: string;
  detail: string;
  /** The id of the API request that an answer is of. */
  request: string;
}

/** What calls changed in code. */
export interface CodeNumbers {
  lines_added: number;
  lines_removed: number;
  commits: number;
  pull_requests: number;
}

/** What the ledger remembers of a session, also after its files are deleted. */
export interface SessionRecord extends Session {
  title: string;
  prompts: string[];
  branches: string[];
  versions: string[];
  config_dirs: string[];
  calls: { tool: string; agent: string; outcome: Outcome; calls: number }[];
  /** Null if an older version counted its calls. */
  code: CodeNumbers | null;
  files: boolean;
}

export interface Task {
  task_id: string;
  description: string;
  status: TaskStatus;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  model: string;
  workspace: string;
  agent_type: string;
  workflow: string;
  session_uuid: string | null;
  result: string | null;
  error: string | null;
  permission_mode: string;
  progress: number | null;
  cost_usd: number | null;
  known_cost_usd: number;
  unpriced_tokens: number;
  tokens: number;
  turns: number;
  calls: number;
  failed_calls: number;
  denied_calls: number;
  interrupted_calls: number;
  changed_files: number;
  attempts: number;
}
