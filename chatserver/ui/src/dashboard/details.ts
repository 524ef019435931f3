// Details of one session or task: loaded when opened, and again whenever the stream reports a change of it.
import { useEffect, useRef, useState } from "react";
import { ApiError, request } from "../shared/api";
import type { ApiRequest, Session, Snapshot, Task, ToolCall } from "./snapshot";

export interface SessionDetails {
  summary: Session;
  calls: ToolCall[];
  requests: ApiRequest[];
  loadedAt: number;
}

export interface TaskDetails {
  task: Task;
  calls: ToolCall[];
  requests: ApiRequest[];
  loadedAt: number;
}

/** The latest data, kept while a later load fails with the error. */
export interface Loaded<Data> {
  data: Data | null;
  error: string;
}

const PAGE_SIZE = 1000;
const NOT_LOADED = { data: null, error: "" };

/** The result of `load`, reloaded whenever the version changes; one load at a time. */
export function useDetails<Data>(load: () => Promise<Data>, version: string): Loaded<Data> {
  const [state, setState] = useState<Loaded<Data>>(NOT_LOADED);
  const latest = useRef("");
  const isLoading = useRef(false);
  const isUnmounted = useRef(false);
  useEffect(() => () => { isUnmounted.current = true; }, []);
  useEffect(() => {
    latest.current = version;
    if (isLoading.current) return;
    isLoading.current = true;
    const loadUntilCurrent = async () => {
      for (let loaded = ""; loaded !== latest.current && !isUnmounted.current; ) {
        loaded = latest.current;
        const next = await load().then((data) => ({ data, error: "" }), failureOf);
        if (!isUnmounted.current) setState((previous) => ({ data: next.data ?? previous.data, error: next.error }));
      }
      isLoading.current = false;
    };
    void loadUntilCurrent();
  }, [version]);
  return state;
}

function failureOf(error: unknown): { data: null; error: string } {
  if (!(error instanceof ApiError)) throw error;
  return { data: null, error: error.message };
}

export async function loadSession(id: string): Promise<SessionDetails> {
  const path = `/api/sessions/${encodeURIComponent(id)}`;
  const [{ first, calls }, requests] = await Promise.all([
    loadCalls<{ summary: Session; tools: ToolCall[] }>(path, ({ tools }) => tools),
    loadRequests(id),
  ]);
  return { summary: first.summary, calls, requests, loadedAt: Date.now() };
}

export async function loadTask(id: string): Promise<TaskDetails> {
  const path = encodeURIComponent(id);
  const [task, { calls }] = await Promise.all([
    request<Task>("GET", `/api/tasks/${path}`),
    loadCalls<{ tool_usage: ToolCall[] }>(`/api/tool_usage/${path}`, ({ tool_usage: calls }) => calls),
  ]);
  const requests = task.session_uuid ? await loadRequests(task.session_uuid) : [];
  const from = task.started_at ? Date.parse(task.started_at) : 0;
  const to = task.finished_at ? Date.parse(task.finished_at) : Infinity;
  const own = requests.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= to);
  return { task, calls, requests: own, loadedAt: Date.now() };
}

/** Everything in the snapshot about a session or a task, as a string to compare. */
export function versionOf(snapshot: Snapshot | null, id: string): string {
  if (!snapshot) return "";
  const { recent_sessions: recent, running } = snapshot;
  return JSON.stringify([
    ...recent.newest.filter((session) => session.session_uuid === id),
    ...running.tasks.filter((task) => task.task_id.startsWith(id) || task.session_uuid === id),
    ...running.ended_tasks.filter((task) => task.task_id.startsWith(id) || task.session_uuid === id),
    ...running.sessions.filter((session) => session.session_uuid === id),
  ]);
}

async function loadRequests(sessionId: string): Promise<ApiRequest[]> {
  const path = `/api/sessions/${encodeURIComponent(sessionId)}/requests`;
  const { requests } = await request<{ requests: ApiRequest[] }>("GET", path);
  return requests;
}

/** The first page, and the calls of all pages. */
async function loadCalls<Page>(path: string, callsOf: (page: Page) => ToolCall[]): Promise<{ first: Page; calls: ToolCall[] }> {
  type PageWithCursor = Page & { next_cursor: number | null };
  const first = await request<PageWithCursor>("GET", `${path}?limit=${PAGE_SIZE}`);
  const calls = [...callsOf(first)];
  for (let cursor = first.next_cursor; cursor !== null; ) {
    const page: PageWithCursor = await request("GET", `${path}?limit=${PAGE_SIZE}&cursor=${cursor}`);
    calls.push(...callsOf(page));
    cursor = page.next_cursor;
  }
  return { first, calls };
}
