// Details of one session or task: loaded when opened, and again whenever the stream reports a change of it.
import { useEffect, useRef, useState } from "react";
import { ApiError, request } from "../shared/api";
import { failed, NOT_FAILED, type FailedRequest } from "../shared/failed";
import { useDashboard } from "./hooks";
import type { ApiRequest, Session, SessionEvent, SessionRecord, Snapshot, Task, ToolCall } from "./snapshot";

export interface SessionDetails {
  summary: Session;
  /** Null if the ledger does not have the session. */
  record: SessionRecord | null;
  calls: ToolCall[];
  events: SessionEvent[];
  requests: ApiRequest[];
  /** The command that resumes the session; empty if it is unknown. */
  resume: string;
  loadedAt: number;
  isComplete: boolean;
}

export interface TaskDetails {
  task: Task;
  calls: ToolCall[];
  events: SessionEvent[];
  requests: ApiRequest[];
  loadedAt: number;
}

/** The latest data, kept while a later load fails. */
export interface Loaded<Data> {
  data: Data | null;
  failed: FailedRequest;
}

/** Loads data; what it shows before is replaced by its result. */
type Load<Data> = (show: (start: Data) => void) => Promise<Data>;

const PAGE_SIZE = 1000;
const FIRST_PAGE_SIZE = 100; // shown before the rest is loaded
const PAUSES = 5; // between loads of what keeps changing, in times of what the last one took
const MAX_PAUSE_MS = 1000; // after one that failed, which a person may want to repeat at once
const NOT_LOADED = { data: null, failed: NOT_FAILED };

/**
 * The result of `load`, reloaded whenever the version changes; one load at a time. If it failed, it is loaded again on
 * demand, and when the connection is back.
 */
export function useDetails<Data>(load: Load<Data>, version: string): Loaded<Data> {
  const [state, setState] = useState<Loaded<Data>>(NOT_LOADED);
  const [attempt, setAttempt] = useState(0);
  const latest = useRef("");
  const isLoading = useRef(false);
  const isUnmounted = useRef(false);
  useEffect(() => () => { isUnmounted.current = true; }, []);
  useEffect(() => {
    latest.current = `${attempt} ${version}`;
    if (isLoading.current) return;
    isLoading.current = true;
    const retry = () => {
      setState(({ data }) => ({ data, failed: NOT_FAILED }));
      setAttempt((before) => before + 1);
    };
    const loadUntilCurrent = async () => {
      for (let loaded = ""; loaded !== latest.current && !isUnmounted.current; ) {
        loaded = latest.current;
        const beganAt = performance.now();
        const showStart = (start: Data) => {
          if (!isUnmounted.current) setState((previous) => (previous.data ? previous : { data: start, failed: NOT_FAILED }));
        };
        const next = await load(showStart).then(
          (data) => ({ data, failed: NOT_FAILED }), (error: unknown) => ({ data: null, failed: failed(error, retry) }),
        );
        if (!isUnmounted.current) setState((previous) => ({ data: next.data ?? previous.data, failed: next.failed }));
        const pauseMs = PAUSES * (performance.now() - beganAt);
        await pause(next.data ? pauseMs : Math.min(pauseMs, MAX_PAUSE_MS));
      }
      isLoading.current = false;
    };
    void loadUntilCurrent();
  }, [version, attempt]);
  const { connection } = useDashboard();
  useEffect(() => {
    if (connection === "live") state.failed.retry?.();
  }, [connection]);
  return state;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, milliseconds));
}

const NO_SESSION = "No transcript and no hook log has this session, or it is not yours. The overview lists those that you may see.";
const NO_TASK = "There is no such task, or it is not yours. In the chat, /tasks:list shows all that you may see.";

/** What is not found, in the words of a page instead of the API's. */
function notFoundAs(words: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof ApiError && error.status === 404 ? new ApiError(404, words) : error;
  };
}

export async function loadSession(id: string, show: (start: SessionDetails) => void): Promise<SessionDetails> {
  const path = `/api/sessions/${encodeURIComponent(id)}`;
  const first = await request<SessionPage>("GET", `${path}?limit=${FIRST_PAGE_SIZE}`).catch(notFoundAs(NO_SESSION));
  const { summary, tools: calls, record } = first;
  const start = { summary, record, calls, events: [], requests: [], resume: "", loadedAt: Date.now(), isComplete: false };
  if (record && !record.files) return { ...start, requests: await loadRequests(id), isComplete: true };
  show(start);
  const [others, { events, resume }, requests] = await Promise.all([
    loadPages<SessionPage, ToolCall>(path, ({ tools }) => tools, first.next_cursor),
    loadEvents(id),
    loadRequests(id),
  ]);
  return { ...start, calls: [...calls, ...others], events, resume, requests, loadedAt: Date.now(), isComplete: true };
}

export async function loadTask(id: string): Promise<TaskDetails> {
  const path = encodeURIComponent(id);
  const [task, calls] = await Promise.all([
    request<Task>("GET", `/api/tasks/${path}`),
    loadPages<{ tool_usage: ToolCall[] } & Cursor, ToolCall>(`/api/tool_usage/${path}`, ({ tool_usage: found }) => found, 0),
  ]).catch(notFoundAs(NO_TASK));
  const session = task.session_uuid;
  const [events, requests] = session ? await Promise.all([loadEventsIfAny(session), loadRequests(session)]) : [[], []];
  const from = task.started_at ? Date.parse(task.started_at) : 0;
  const to = task.finished_at ? Date.parse(task.finished_at) : Infinity;
  const isOwn = ({ at }: { at: string }) => Date.parse(at) >= from && Date.parse(at) <= to;
  return { task, calls, events: events.filter(isOwn), requests: requests.filter(isOwn), loadedAt: Date.now() };
}

/** Everything in the snapshot about a session or a task, as a string to compare; without a snapshot, as if it had nothing. */
export function versionOf(snapshot: Snapshot | null, id: string): string {
  if (!snapshot) return JSON.stringify([]);
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

/** The events of a session; none if it has no files yet, or no more. */
async function loadEventsIfAny(sessionId: string): Promise<SessionEvent[]> {
  const found = await loadEvents(sessionId).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  });
  return found?.events ?? [];
}

async function loadEvents(sessionId: string): Promise<{ events: SessionEvent[]; resume: string }> {
  let resume = "";
  const eventsOf = (page: EventsPage) => {
    resume = page.resume;
    return page.events;
  };
  const events = await loadPages(`/api/sessions/${encodeURIComponent(sessionId)}/events`, eventsOf, 0);
  return { events, resume };
}

interface Cursor {
  next_cursor: number | null;
}

interface SessionPage extends Cursor {
  summary: Session;
  tools: ToolCall[];
  record: SessionRecord | null;
}

interface EventsPage extends Cursor {
  events: SessionEvent[];
  resume: string;
}

/** The items of all pages from a cursor on. */
async function loadPages<Page extends Cursor, Item>(
  path: string, itemsOf: (page: Page) => Item[], from: number | null,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor = from; cursor !== null; ) {
    const page: Page = await request("GET", `${path}?limit=${PAGE_SIZE}&cursor=${cursor}`);
    items.push(...itemsOf(page));
    cursor = page.next_cursor;
  }
  return items;
}
