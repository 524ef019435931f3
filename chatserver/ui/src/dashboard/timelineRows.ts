// A session's calls, events and requests as rows of its timeline.
import { firstCalls, NOT_ITEMIZED, runningTotals, tokensOf, type Spent } from "./attribution";
import { groupBy } from "./groupBy";
import { startedAgents } from "./startedAgents";
import type { ApiRequest, Outcome, SessionEvent, ToolCall } from "./snapshot";

export type RowKind = "call" | "agent" | SessionEvent["kind"];

export interface Row {
  key: string;
  kind: RowKind;
  name: string;
  /** What it is about, on one line. */
  subject: string;
  /** The types of the sub-agents that the call started. */
  startedAgents: string;
  agentId: string;
  agent: string;
  depth: number;
  from: number;
  /** When it began to run: after a wait for permission. */
  began: number;
  to: number;
  outcome: Outcome;
  call: ToolCall | null;
  event: SessionEvent | null;
  /** The API request whose cost the row shows. */
  spent: Spent | null;
}

/** A call with its times in milliseconds. */
export interface Step {
  key: string;
  call: ToolCall;
  agentId: string;
  agent: string;
  from: number;
  began: number;
  to: number;
}

export interface TimelineData {
  calls: readonly ToolCall[];
  events: readonly SessionEvent[];
  requests: readonly ApiRequest[];
  /** What the session cost before the first of the requests. */
  costBefore: number;
  /** Those of its tokens that have no known price. */
  unpricedBefore: number;
  now: number;
}

const MAIN = "";
const EVENT_NAMES: Record<SessionEvent["kind"], string> = {
  prompt: "Prompt", answer: "Answer", permission: "Waits for permission", compaction: "Compaction", api_error: "API error",
  fallback: "Other model",
};
/** Those whose permission is the answer to what the agent asks. */
const QUESTION_TOOLS = new Set(["AskUserQuestion", "ExitPlanMode"]);
/** The order of rows with the same time: an answer comes before the calls that it makes. */
const RANKS: Partial<Record<RowKind, number>> = { prompt: 0, answer: 1, call: 2 };
const LINE_BREAK = /[\r\n]/;

/** All rows in order: each agent's by time, a sub-agent's right below the call that started it. */
export function timelineRows(data: TimelineData): Row[] {
  const steps = stepsOf(data);
  const byAgent = groupBy(steps, ({ agentId }) => agentId);
  const startedBy = startedAgents(steps, byAgent);
  const rowsByAgent = groupBy([...spentRows(data, steps)], ({ agentId }) => agentId);
  const rowsOfAgent = (agentId: string, depth: number): Row[] => {
    const own = (rowsByAgent.get(agentId) ?? []).toSorted(inOrder);
    return own.flatMap((row) => {
      const started = startedBy.get(row.key) ?? [];
      const types = started.flatMap((other) => byAgent.get(other)?.[0]?.agent ?? []);
      const startedAgents = types.join(", ") || (row.call?.subagent?.agent ?? "");
      return [{ ...row, depth, startedAgents }, ...started.flatMap((other) => rowsOfAgent(other, depth + 1))];
    });
  };
  const known = new Set([MAIN, ...[...startedBy.values()].flat()]);
  const orphans = [...rowsByAgent.keys()].filter((agentId) => !known.has(agentId));
  const groups = orphans.map((agentId) => [agentRow(agentId, rowsByAgent.get(agentId) ?? []), ...rowsOfAgent(agentId, 1)]);
  return interleave(rowsOfAgent(MAIN, 0), groups);
}

/** The index of the row that starts nearest to a time; -1 if there is none. */
export function nearestTo(time: number, rows: readonly Row[]): number {
  let nearest = -1;
  rows.forEach(({ from }, index) => {
    const best = rows[nearest];
    if (!best || Math.abs(from - time) < Math.abs(best.from - time)) nearest = index;
  });
  return nearest;
}

function inOrder(a: Row, b: Row): number {
  return a.from - b.from || (RANKS[a.kind] ?? 3) - (RANKS[b.kind] ?? 3);
}

function stepsOf({ calls, events, requests, now }: TimelineData): Step[] {
  const first = Date.parse(calls.find(({ timestamp }) => timestamp)?.timestamp ?? requests[0]?.at ?? "") || now;
  const steps = calls.map((call, index) => {
    const from = call.timestamp ? Date.parse(call.timestamp) : first;
    const to = outcomeOf(call) === "running" ? Math.max(from, now) : from + (durationOf(call) ?? 0);
    return { key: `call ${index}`, call, agentId: call.agent_id, agent: call.agent, from, began: from, to };
  });
  return afterWaits(steps, events);
}

/** The calls, those that waited for permission from the end of the wait on: their durations are without it. */
function afterWaits(steps: Step[], events: readonly SessionEvent[]): Step[] {
  const callers = groupBy(steps, ({ call }) => callerOf(call.agent_id, call.tool_name));
  const began = new Map<string, number>();
  for (const { kind, at, until, agent_id: agentId, tool, text } of events) {
    if (kind !== "permission" || until === null) continue;
    const open = (callers.get(callerOf(agentId, tool)) ?? []).filter(({ key, from }) => from <= Date.parse(at) && !began.has(key));
    const waited = open.findLast(({ call }) => call.subject === text) ?? open.at(-1);
    if (waited) began.set(waited.key, Date.parse(until));
  }
  return steps.map((step) => {
    const since = step.call.outcome === "denied" ? undefined : began.get(step.key);
    return since === undefined ? step : { ...step, began: since, to: since + (step.to - step.from) };
  });
}

function callerOf(agentId: string, tool: string): string {
  return `${agentId} ${tool}`;
}

/** How a call ended; if it launched a sub-agent, how that did. */
function outcomeOf(call: ToolCall): Outcome {
  return call.outcome === "success" && call.subagent ? call.subagent.outcome : call.outcome;
}

/** How long a call took; if it launched a sub-agent, how long that did. */
export function durationOf(call: ToolCall): number | null {
  return call.outcome === "success" && call.subagent ? call.subagent.duration_ms : call.duration_ms;
}

/** The rows of calls and events. A request is shown with the text of its answer, or with its first call, or alone. */
function spentRows({ events, requests, costBefore, unpricedBefore, now }: TimelineData, steps: readonly Step[]): Row[] {
  const totals = runningTotals(requests, costBefore, unpricedBefore);
  const spentOf = new Map(totals.map((spent) => [spent.request.request, spent]));
  const calledFirst = firstCalls(steps, requests, events);
  const shown = events.filter(({ request, text }) => !request || text);
  const answered = new Set(shown.flatMap(({ request }) => request || []));
  const toCalls = new Map<string, Spent>();
  for (const [request, step] of calledFirst) {
    const spent = spentOf.get(request);
    if (spent && !answered.has(request)) toCalls.set(step.key, spent);
  }
  const alone = totals.filter(({ request: { request } }) => !answered.has(request) && !calledFirst.has(request));
  const agentIds = new Map(events.flatMap((event) => (event.request ? [[event.request, event.agent_id] as const] : [])));
  return [
    ...steps.map((step) => callRow(step, toCalls.get(step.key) ?? null)),
    ...shown.map((event, index) => eventRow(event, index, spentOf.get(event.request) ?? null, now)),
    ...alone.map((spent) => requestRow(spent, agentIds.get(spent.request.request) ?? MAIN)),
  ];
}

const EMPTY = { subject: "", startedAgents: "", depth: 0, call: null, event: null, spent: null };

function callRow({ key, call, agentId, agent, from, began, to }: Step, spent: Spent | null): Row {
  const { tool_name: name, subject } = call;
  return { ...EMPTY, key, kind: "call", name, subject, agentId, agent, from, began, to, outcome: outcomeOf(call), call, spent };
}

function eventRow(event: SessionEvent, index: number, spent: Spent | null, now: number): Row {
  const { kind, agent, agent_id: agentId } = event;
  const from = Date.parse(event.at);
  const to = event.until ? Date.parse(event.until) : kind === "permission" && event.detail === "running" ? now : from;
  const isError = kind === "api_error" && event.detail === "abandoned";
  return {
    ...EMPTY, key: `event ${index}`, kind, name: nameOf(event), subject: subjectOf(event), agentId, agent, from, began: from, to,
    outcome: isError ? "error" : "success", event, spent,
  };
}

function nameOf({ kind, detail, tool }: SessionEvent): string {
  if (kind === "prompt" && detail !== "person") return "Automatic prompt";
  return kind === "permission" && QUESTION_TOOLS.has(tool) ? "Waits for an answer" : EVENT_NAMES[kind];
}

/** The first line of its text, or of a wait the call that waits. */
function subjectOf({ kind, text, tool, detail }: SessionEvent): string {
  const line = text.trim().split(LINE_BREAK, 1)[0] ?? "";
  if (kind === "permission") return [tool, line].filter(Boolean).join(" ");
  return kind === "compaction" ? [detail, line].filter(Boolean).join(", ") : line;
}

function requestRow(spent: Spent, agentId: string): Row {
  const { request, at, agent } = spent.request;
  const from = Date.parse(at);
  const isItemized = agent !== NOT_ITEMIZED;
  return {
    ...EMPTY, key: `request ${request}`, kind: "answer", name: isItemized ? "Answer" : "Not itemized", agentId, agent, from,
    began: from, to: from,
    subject: isItemized ? "" : "requests of which Claude Code writes no message, such as compaction", outcome: "success", spent,
  };
}

function agentRow(agentId: string, own: readonly Row[]): Row {
  const from = own.reduce((least, row) => Math.min(least, row.from), Infinity);
  const to = own.reduce((most, row) => Math.max(most, row.to), 0);
  const agent = own[0]?.agent ?? agentId;
  return { ...EMPTY, key: `agent ${agentId}`, kind: "agent", name: `Sub-agent ${agent}`, agentId, agent, from, began: from, to, outcome: "success" };
}

/** Tokens and cost of requests; the cost is null where no request has a price, and lacks that of unpriced tokens. */
export function totalsOf(requests: readonly ApiRequest[]): { tokens: number; cost: number | null; unpriced: number } {
  const costs = requests.flatMap(({ cost_usd: cost }) => (cost === null ? [] : [cost]));
  return {
    tokens: requests.reduce((sum, request) => sum + tokensOf(request), 0),
    cost: costs.length ? costs.reduce((sum, cost) => sum + cost, 0) : null,
    unpriced: requests.reduce((sum, request) => sum + (request.cost_usd === null ? tokensOf(request) : 0), 0),
  };
}

/** Insert the groups of agents whose starting call is unknown between the main agent's rows, by start time. */
function interleave(main: Row[], groups: Row[][]): Row[] {
  const blocks: Row[][] = [];
  for (const row of main) {
    if (row.depth === 0) blocks.push([row]);
    else blocks.at(-1)?.push(row);
  }
  return [...blocks, ...groups].sort((a, b) => (a[0]?.from ?? 0) - (b[0]?.from ?? 0)).flat();
}

/** The keys of the rows whose day is another one than that of the row above. */
export function firstOfDays(rows: readonly Row[]): Set<string> {
  const days = rows.map(({ from }) => new Date(from).toDateString());
  return new Set(rows.flatMap(({ key }, place) => (days[place] === days[place - 1] ? [] : key)));
}

/** Whether a row is a failure: of a call, or of an API request that was given up. */
export function isFailed({ outcome }: Row): boolean {
  return outcome === "error" || outcome === "denied" || outcome === "interrupted";
}

/** The place of the row with the first error; -1 if there is none. */
export function firstError(rows: readonly Row[]): number {
  return rows.reduce((first, row, place) =>
    (row.outcome === "error" && (first < 0 || row.from < (rows[first]?.from ?? Infinity)) ? place : first), -1);
}
