// The figures of the selected range: those of the last 24 hours are live, those of others come from the server’s history.
import { useRef } from "react";
import { rangePath, rangeWords, type TimeRange } from "./ranges";
import type { CostRange, Snapshot, ToolRange } from "./snapshot";
import { useLoaded } from "./useLoaded";

export interface Tasks {
  completed: number;
  failed: number;
  stopped: number;
}

export interface Figures {
  /** The range in words. */
  words: string;
  tools: ToolRange;
  costs: CostRange | undefined;
  tasks: Tasks;
  cost: number | null;
  /** The tokens whose cost is not in it. */
  unpriced: number;
  /** From when on the numbers of calls are complete; null if they are for all of the range. */
  callsSince: string | null;
  /** Whether everything that there is has been read once. */
  isComplete: boolean;
}

interface History {
  tools: ToolRange;
  costs: CostRange;
  tasks: Tasks;
  calls_complete_since: string | null;
  complete: boolean;
}

/** The figures of a range, or why they cannot be shown. */
export interface RangeFigures {
  figures: Figures | null;
  isLoading: boolean;
  problem: string;
  retry: () => void;
}

/** The figures of the range; those of the range before until they are loaded, and null at first. */
export function useFigures(range: TimeRange, snapshot: Snapshot, updatedAt: number): RangeFigures {
  const isLive = range.preset === "24h";
  const { data, error, retry } = useLoaded<History>(isLive ? "" : rangePath("/api/history", range), updatedAt, showInPlace);
  const current = isLive ? liveFigures(range, snapshot) : data && pastFigures(range, data);
  const latest = useRef(current);
  latest.current = current ?? latest.current;
  const problem = current ? "" : error;
  return { figures: problem ? null : latest.current, isLoading: !current && !problem, problem, retry };
}

function showInPlace(): void {
  // `problem` has the error
}

function pastFigures(range: TimeRange, history: History): Figures {
  const { tools, costs, tasks, calls_complete_since: callsSince, complete: isComplete } = history;
  const { cost_usd: cost, unpriced_tokens: unpriced } = costs;
  return { words: rangeWords(range), tools, costs, tasks, cost, unpriced, callsSince, isComplete };
}

function liveFigures(range: TimeRange, snapshot: Snapshot): Figures {
  const { completed_tasks_24h: completed, failed_tasks_24h: failed, stopped_tasks_24h: stopped } = snapshot;
  return {
    words: rangeWords(range),
    tools: snapshot.tools["24h"],
    costs: snapshot.costs["24h"],
    tasks: { completed, failed, stopped },
    cost: snapshot.cost_24h,
    unpriced: snapshot.unpriced_tokens_24h,
    callsSince: null,
    isComplete: snapshot.complete,
  };
}
