// Helpers for tasks.
import { dollars } from "../shared/format";
import type { Task } from "./protocol";

/** Whether a task is pending or running. */
export function isOpen(task: Task): boolean {
  return task.status === "pending" || task.status === "running";
}

/** Compare by queue time, for sorting. */
export function byQueueTime(a: Task, b: Task): number {
  return a.queued_at.localeCompare(b.queued_at);
}

/** The newer of two versions of a task; events and responses may arrive in any order. */
export function newer(known: Task | undefined, received: Task): Task {
  return known && known.version > received.version ? known : received;
}

/** What a task cost; with a plus, at least that. */
export function costOf({ cost_usd: cost, known_cost_usd: known, unpriced_tokens: unpriced }: Task): string {
  if (cost !== null) return `${dollars(cost)}${unpriced ? "+" : ""}`;
  return known ? `${dollars(known)}+` : "cost unknown";
}

/** The run time in milliseconds; null before the start. */
export function runTime(task: Task, now: number): number | null {
  if (!task.started_at) return null;
  return (task.finished_at ? Date.parse(task.finished_at) : now) - Date.parse(task.started_at);
}
