// Helpers for tasks.
import type { TaskStatus } from "../shared/types";
import type { Task } from "./protocol";

const RANK: Record<TaskStatus, number> = { pending: 0, running: 1, completed: 2, failed: 2, stopped: 2 };

/** Values that only grow over a task's life, most significant first. */
const PROGRESS_MEASURES: ReadonlyArray<(task: Task) => number> = [
  (task) => Date.parse(task.queued_at),
  (task) => RANK[task.status],
  (task) => task.turns,
  (task) => task.progress ?? 0,
  (task) => task.cost_usd ?? 0,
];

/** Whether a task is pending or running. */
export function isOpen(task: Task): boolean {
  return RANK[task.status] < 2;
}

/** Compare by queue time, for sorting. */
export function byQueueTime(a: Task, b: Task): number {
  return a.queued_at.localeCompare(b.queued_at);
}

/** The newer of two versions of a task; events and responses may arrive in any order. */
export function newer(known: Task | undefined, received: Task): Task {
  if (!known) return received;
  for (const measure of PROGRESS_MEASURES) {
    if (measure(known) !== measure(received)) return measure(known) > measure(received) ? known : received;
  }
  return received;
}

/** The run time in milliseconds; null before the start. */
export function runTime(task: Task, now: number): number | null {
  if (!task.started_at) return null;
  return (task.finished_at ? Date.parse(task.finished_at) : now) - Date.parse(task.started_at);
}
