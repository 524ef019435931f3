// The running work as rows: tasks that run, tasks that wait, sessions, and tasks that ended lately.
import type { SessionNow, Snapshot, TaskNow, ToolNow } from "./snapshot";

export interface Work {
  key: string;
  kind: "task" | "session";
  state: TaskNow["status"] | "active";
  title: string;
  detail: string;
  agent: string;
  tools: ToolNow[];
  since: string | null;
  until: string | null;
  progress: number | null;
  cost: number | null;
  id: string;
}

export function workOf({ tasks, sessions, ended_tasks: ended }: Snapshot["running"]): Work[] {
  return [...tasks.map(ofTask), ...sessions.map(ofSession), ...ended.map(ofTask)];
}

function ofTask(task: TaskNow): Work {
  return {
    key: `task ${task.task_id}`,
    kind: "task",
    state: task.status,
    title: task.description,
    detail: task.error && task.status === "failed" ? task.error : task.model || task.task_id,
    agent: task.agent,
    tools: task.tools,
    since: task.started_at ?? task.queued_at,
    until: task.finished_at,
    progress: task.status === "running" ? task.progress : null,
    cost: task.status === "pending" ? null : task.cost_usd,
    id: task.task_id,
  };
}

function ofSession(session: SessionNow): Work {
  const failed = session.errors ? `, ${session.errors} failed` : "";
  return {
    key: `session ${session.session_uuid}`,
    kind: "session",
    state: "active",
    title: session.project || "unknown project",
    detail: `${session.calls} ${session.calls === 1 ? "call" : "calls"}${failed}`,
    agent: session.tools.at(-1)?.agent ?? "main",
    tools: session.tools,
    since: session.started_at,
    until: null,
    progress: null,
    cost: session.cost_usd,
    id: session.session_uuid,
  };
}
