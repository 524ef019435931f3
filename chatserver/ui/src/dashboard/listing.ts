// The list of sessions: those that the stream tells of, and the rest once a person asks for more than these.
import { ask } from "../shared/api";
import type { Session } from "./snapshot";

const PAGE = 1000;
const MINUTE_MS = 60_000;

export type Column = "project" | "status" | "tool_count" | "error_count" | "duration_ms" | "last_activity_at";

export interface View {
  search: string;
  status: "" | Session["status"];
  column: Column;
  isDown: boolean;
}

/** All sessions of the last 24 hours that the viewer may see. */
export async function allSessions(): Promise<Session[]> {
  const found: Session[] = [];
  for (let cursor: number | null = 0; cursor !== null; ) {
    const page: { sessions: Session[]; next_cursor: number | null } = await ask("GET", `/api/sessions?limit=${PAGE}&cursor=${cursor}`);
    found.push(...page.sessions);
    cursor = page.next_cursor;
  }
  return found;
}

/** The sessions as of now: the newest are those of the stream, and the others have grown older meanwhile. */
export function merged(newest: readonly Session[], others: readonly Session[], now: number): Session[] {
  const known = new Set(newest.map(({ session_uuid: id }) => id));
  return [...newest, ...others.filter(({ session_uuid: id }) => !known.has(id)).map((session) => aged(session, now))];
}

// As the exporter has it: silent for an hour is completed, for five minutes idle, unless a call runs.
function aged(session: Session, now: number): Session {
  const silent = now - Date.parse(session.last_activity_at);
  if (session.status === "completed" || silent <= 5 * MINUTE_MS) return session;
  const status = silent > 60 * MINUTE_MS ? "completed" : session.running ? "active" : "idle";
  return status === session.status ? session : { ...session, status };
}

/** Those that are looked for, in the order that was chosen. */
export function viewed(sessions: readonly Session[], { search, status, column, isDown }: View): Session[] {
  const wanted = search.trim().toLowerCase();
  const found = sessions.filter(
    (session) =>
      (!status || session.status === status) &&
      (!wanted || session.session_uuid.toLowerCase().startsWith(wanted) || session.project.toLowerCase().includes(wanted)),
  );
  const sign = isDown ? -1 : 1;
  return found.sort((one, other) => sign * compare(one[column], other[column]) || compare(one.session_uuid, other.session_uuid));
}

function compare(one: string | number, other: string | number): number {
  return one < other ? -1 : Number(one > other);
}
