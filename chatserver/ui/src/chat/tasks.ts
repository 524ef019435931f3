// How a task stands, and which of two looks at it is the later one.
import type { Task, TaskStatus } from "./wire";

const RANK: Record<TaskStatus, number> = { pending: 0, running: 1, completed: 2, failed: 2, stopped: 2 };

/** Whether a task still waits or runs. */
export function isOpen(task: Task): boolean {
  return RANK[task.status] < 2;
}

/** The later of two looks at a task, whichever came first. */
export function later(known: Task | undefined, other: Task): Task {
  if (!known) return other;
  for (const figure of AGES) {
    if (figure(known) !== figure(other)) return figure(known) > figure(other) ? known : other;
  }
  return other;
}

/** How long a task has run, in milliseconds; null where it has not begun. */
export function runTime(task: Task, now: number): number | null {
  if (!task.started_at) return null;
  return (task.finished_at ? Date.parse(task.finished_at) : now) - Date.parse(task.started_at);
}

const AGES: ReadonlyArray<(task: Task) => number> = [
  (task) => Date.parse(task.queued_at),
  (task) => RANK[task.status],
  (task) => task.turns,
  (task) => task.progress ?? 0,
  (task) => task.cost_usd,
];
