// The list of sessions: the newest from the stream, the rest loaded on demand.
import { request } from "../shared/api";
import type { Session } from "./snapshot";

const PAGE_SIZE = 1000;
const MINUTE_MS = 60_000;

export type Column = "project" | "status" | "tool_count" | "error_count" | "duration_ms" | "last_activity_at";

export interface Query {
  search: string;
  status: "" | Session["status"];
  sortBy: Column;
  isDescending: boolean;
}

/** All sessions of the last 24 hours that the user may see. */
export async function loadSessions(): Promise<Session[]> {
  const sessions: Session[] = [];
  for (let cursor: number | null = 0; cursor !== null; ) {
    const page: { sessions: Session[]; next_cursor: number | null } =
      await request("GET", `/api/sessions?limit=${PAGE_SIZE}&cursor=${cursor}`);
    sessions.push(...page.sessions);
    cursor = page.next_cursor;
  }
  return sessions;
}

/** The newest sessions, and the others with their status as of now. */
export function mergeSessions(newest: readonly Session[], others: readonly Session[], now: number): Session[] {
  const ids = new Set(newest.map(({ session_uuid: id }) => id));
  return [...newest, ...others.filter(({ session_uuid: id }) => !ids.has(id)).map((session) => withCurrentStatus(session, now))];
}

// The exporter's rule: completed after an hour of silence, idle after five minutes unless a call or a sub-agent is running.
function withCurrentStatus(session: Session, now: number): Session {
  const silence = now - Date.parse(session.last_activity_at);
  if (session.status === "completed" || silence <= 5 * MINUTE_MS) return session;
  const status = silence > 60 * MINUTE_MS ? "completed" : session.running || session.running_agents ? "active" : "idle";
  return status === session.status ? session : { ...session, status };
}

/** The matching sessions, sorted. */
export function querySessions(sessions: readonly Session[], { search, status, sortBy, isDescending }: Query): Session[] {
  const term = search.trim().toLowerCase();
  const matches = sessions.filter(
    (session) =>
      (!status || session.status === status) &&
      (!term || session.session_uuid.toLowerCase().startsWith(term) || session.project.toLowerCase().includes(term)),
  );
  const sign = isDescending ? -1 : 1;
  return matches.sort((a, b) => sign * compare(a[sortBy], b[sortBy]) || compare(a.session_uuid, b.session_uuid));
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}
