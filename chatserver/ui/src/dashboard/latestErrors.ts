// The latest errors of the range: those of the last 24 hours are live, those of others come from the sessions' files.
import { rangePath, type TimeRange } from "./ranges";
import type { LatestError, Snapshot } from "./snapshot";
import { useLoaded } from "./useLoaded";

export interface ErrorList {
  errors: LatestError[];
  /** False if there may be newer ones in sessions that are not read yet. */
  complete: boolean;
  sessions_without_files: number;
}

export function useLatestErrors(range: TimeRange, snapshot: Snapshot, updatedAt: number): ErrorList {
  const isLive = range.preset === "24h";
  const { data: found } = useLoaded<ErrorList>(isLive ? "" : rangePath("/api/errors", range), updatedAt);
  if (isLive) return { errors: snapshot.latest_errors, complete: true, sessions_without_files: 0 };
  return found ?? { errors: [], complete: false, sessions_without_files: 0 };
}

/** What is missing in the list, in words; empty if nothing is. */
export function missingErrors({ complete, sessions_without_files: deleted }: ErrorList): string {
  if (!complete) return "Reading sessions; more errors follow.";
  if (deleted === 0) return "";
  return `The files of ${deleted === 1 ? "one session" : `${deleted} sessions`} with newer errors are deleted; their texts are gone.`;
}
