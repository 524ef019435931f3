// Requests that have failed: why, and whether the same one may succeed later.
import { ApiError, messageOf } from "./api";

export interface FailedRequest {
  /** Why; empty if nothing has failed. */
  error: string;
  /** Null if it would fail again, as where there is nothing. */
  retry: (() => void) | null;
}

export const NOT_FAILED: FailedRequest = { error: "", retry: null };
const TOO_MANY = 429;

/** What to show of a request that has failed; `again` sends it once more. */
export function failed(error: unknown, again: () => void): FailedRequest {
  return { error: messageOf(error), retry: mayPass(error) ? again : null };
}

/** Whether the server was away, busy or broken. */
function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status === TOO_MANY || error.status >= 500;
}
