// Running work as one list: open tasks, active sessions, and recently ended tasks.
import { counted } from "./format";
import type { ContextNow, SessionNow, Snapshot, TaskNow, WorkNow } from "./snapshot";

export interface WorkItem extends WorkNow {
  key: string;
  kind: "task" | "session";
  state: TaskNow["status"] | "active";
  title: string;
  detail: string;
  agent: string;
  since: string | null;
  until: string | null;
  progress: number | null;
  cost: number | null;
  /** What is known of a cost that is null. */
  known: number;
  /** The tokens whose cost is not in it. */
  unpriced: number;
  context: ContextNow | null;
  id: string;
}

export function workItems({ tasks, sessions, ended_tasks: ended }: Snapshot["running"]): WorkItem[] {
  return [...tasks.map(fromTask), ...sessions.map(fromSession), ...ended.map(fromTask)];
}

function fromTask(task: TaskNow): WorkItem {
  return {
    key: `task ${task.task_id}`,
    kind: "task",
    state: task.status,
    title: task.description,
    detail: detailOf(task),
    agent: task.agent,
    tools: task.tools,
    background: task.background,
    subagents: task.subagents,
    since: task.started_at ?? task.queued_at,
    until: task.finished_at,
    progress: task.status === "running" ? task.progress : null,
    cost: task.status === "pending" ? null : task.cost_usd,
    known: task.known_cost_usd,
    unpriced: task.status === "pending" ? 0 : task.unpriced_tokens,
    context: task.context,
    id: task.task_id,
  };
}

function detailOf({ status, error, model, task_id: id }: TaskNow): string {
  if (error && status === "failed") return error;
  return error && status === "completed" ? "completed, with denials" : model || id;
}

function fromSession(session: SessionNow): WorkItem {
  const failed = session.errors ? `, ${session.errors} failed` : "";
  return {
    key: `session ${session.session_uuid}`,
    kind: "session",
    state: "active",
    title: session.title || session.session_uuid.slice(0, 8),
    detail: `${session.project || "unknown project"} · ${counted(session.calls, "call")}${failed}`,
    agent: session.tools.at(-1)?.agent ?? "main",
    tools: session.tools,
    background: session.background,
    subagents: session.subagents,
    since: session.started_at,
    until: null,
    progress: null,
    cost: session.cost_usd,
    known: 0,
    unpriced: session.unpriced_tokens,
    context: session.context,
    id: session.session_uuid,
  };
}
