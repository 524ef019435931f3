// What a session or a task opens to: read when it is opened, and again when the stream tells of something new in it.
import { useEffect, useRef, useState } from "react";
import { ask, Problem } from "../shared/api";
import type { ApiRequest, Session, Snapshot, Task, ToolCall } from "./snapshot";

export interface SessionFound {
  summary: Session;
  calls: ToolCall[];
  requests: ApiRequest[];
  readAt: number;
}

export interface TaskFound {
  task: Task;
  calls: ToolCall[];
  requests: ApiRequest[];
  readAt: number;
}

export interface Reading<Found> {
  found: Found | null;
  complaint: string;
}

const PAGE = 1000;
const NOTHING = { found: null, complaint: "" };

/** What `read` gives, and gives again each time that the sign of the times has changed; one reading at a time. */
export function useReading<Found>(read: () => Promise<Found>, sign: string): Reading<Found> {
  const [state, setState] = useState<Reading<Found>>(NOTHING);
  const wanted = useRef("");
  const isBusy = useRef(false);
  const isGone = useRef(false);
  useEffect(() => () => { isGone.current = true; }, []);
  useEffect(() => {
    wanted.current = sign;
    if (isBusy.current) return;
    isBusy.current = true;
    const again = async () => {
      for (let seen = ""; seen !== wanted.current && !isGone.current; ) {
        seen = wanted.current;
        const next = await read().then((found) => ({ found, complaint: "" }), complaintOf);
        if (!isGone.current) setState((known) => ({ found: next.found ?? known.found, complaint: next.complaint }));
      }
      isBusy.current = false;
    };
    void again();
  }, [sign]);
  return state;
}

function complaintOf(error: unknown): { found: null; complaint: string } {
  if (!(error instanceof Problem)) throw error;
  return { found: null, complaint: error.message };
}

export async function readSession(id: string): Promise<SessionFound> {
  const path = `/api/sessions/${encodeURIComponent(id)}`;
  const [{ first, calls }, requests] = await Promise.all([
    pages<{ summary: Session; tools: ToolCall[] }>(path, ({ tools }) => tools),
    requestsOf(id),
  ]);
  return { summary: first.summary, calls, requests, readAt: Date.now() };
}

export async function readTask(id: string): Promise<TaskFound> {
  const path = encodeURIComponent(id);
  const [task, { calls }] = await Promise.all([
    ask<Task>("GET", `/api/tasks/${path}`),
    pages<{ tool_usage: ToolCall[] }>(`/api/tool_usage/${path}`, ({ tool_usage: calls }) => calls),
  ]);
  const requests = task.session_uuid ? await requestsOf(task.session_uuid) : [];
  const from = task.started_at ? Date.parse(task.started_at) : 0;
  const to = task.finished_at ? Date.parse(task.finished_at) : Infinity;
  const own = requests.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= to);
  return { task, calls, requests: own, readAt: Date.now() };
}

/** What changes whenever a session or a task has something new to tell. */
export function signOf(snapshot: Snapshot | null, id: string): string {
  if (!snapshot) return "";
  const { recent_sessions: recent, running } = snapshot;
  const told = [
    ...recent.newest.filter((session) => session.session_uuid === id),
    ...running.tasks.filter((task) => task.task_id.startsWith(id) || task.session_uuid === id),
    ...running.ended_tasks.filter((task) => task.task_id.startsWith(id) || task.session_uuid === id),
    ...running.sessions.filter((session) => session.session_uuid === id),
  ];
  return JSON.stringify(told);
}

async function requestsOf(id: string): Promise<ApiRequest[]> {
  const found = await ask<{ requests: ApiRequest[] }>("GET", `/api/sessions/${encodeURIComponent(id)}/requests`);
  return found.requests;
}

async function pages<Page>(path: string, callsOf: (page: Page) => ToolCall[]): Promise<{ first: Page; calls: ToolCall[] }> {
  type Answer = Page & { next_cursor: number | null };
  const first = await ask<Answer>("GET", `${path}?limit=${PAGE}`);
  const calls = [...callsOf(first)];
  for (let cursor = first.next_cursor; cursor !== null; ) {
    const page: Answer = await ask("GET", `${path}?limit=${PAGE}&cursor=${cursor}`);
    calls.push(...callsOf(page));
    cursor = page.next_cursor;
  }
  return { first, calls };
}
