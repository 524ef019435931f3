// A session's calls and requests as rows of its timeline.
import { groupBy } from "./groupBy";
import type { ApiRequest, Outcome, ToolCall } from "./snapshot";

export interface Row {
  key: string;
  kind: "call" | "agent" | "answer";
  name: string;
  /** The types of the sub-agents that the call started. */
  startedAgents: string;
  depth: number;
  from: number;
  to: number;
  outcome: Outcome;
  call: ToolCall | null;
  tokens: number;
  cost: number | null;
}

interface Step {
  index: number;
  call: ToolCall;
  from: number;
  to: number;
}

const AGENT_TOOLS = new Set(["Task", "Agent"]); // the tools that start sub-agents
const MAIN = "";

/** All rows in order: each agent's calls by time, a sub-agent's calls right below the call that started it. */
export function timelineRows(calls: readonly ToolCall[], requests: readonly ApiRequest[], now: number): Row[] {
  const steps = stepsOf(calls, requests, now);
  const byAgent = groupBy(steps, ({ call }) => call.agent_id);
  const startedBy = startedAgentsOf(steps, byAgent);
  const attributed = attributeRequests(steps, requests);
  const callRows = (own: readonly Step[], depth: number) => own.map((step) => callRow(step, depth, attributed.toCalls.get(step)));
  const rowsOfAgent = (agentId: string, depth: number): Row[] => {
    const own = [...callRows(byAgent.get(agentId) ?? [], depth), ...(agentId === MAIN ? answerRows(attributed.answers) : [])];
    own.sort((a, b) => a.from - b.from);
    return own.flatMap((row) => {
      const started = startedBy.get(row.key) ?? [];
      const types = started.flatMap((other) => byAgent.get(other)?.[0]?.call.agent ?? []);
      return [{ ...row, startedAgents: types.join(", ") || (row.call?.subagent?.agent ?? "") }, ...started.flatMap((other) => rowsOfAgent(other, depth + 1))];
    });
  };
  const known = new Set([MAIN, ...[...startedBy.values()].flat()]);
  const orphans = [...byAgent.keys()].filter((agentId) => !known.has(agentId));
  const groups = orphans.map((agentId) => [agentRow(agentId, byAgent.get(agentId) ?? []), ...rowsOfAgent(agentId, 1)]);
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

function stepsOf(calls: readonly ToolCall[], requests: readonly ApiRequest[], now: number): Step[] {
  const first = Date.parse(calls.find(({ timestamp }) => timestamp)?.timestamp ?? requests[0]?.at ?? "") || now;
  return calls.map((call, index) => {
    const from = call.timestamp ? Date.parse(call.timestamp) : first;
    const to = outcomeOf(call) === "running" ? Math.max(from, now) : from + (durationOf(call) ?? 0);
    return { index, call, from, to };
  });
}

/** How a call ended; if it launched a sub-agent, how that did. */
function outcomeOf(call: ToolCall): Outcome {
  return call.outcome === "success" && call.subagent ? call.subagent.outcome : call.outcome;
}

/** How long a call took; if it launched a sub-agent, how long that did. */
export function durationOf(call: ToolCall): number | null {
  return call.outcome === "success" && call.subagent ? call.subagent.duration_ms : call.duration_ms;
}

/** The sub-agents that each call started, by the call's key. Without a reported run, one that names its type is preferred. */
function startedAgentsOf(steps: readonly Step[], byAgent: ReadonlyMap<string, Step[]>): Map<string, string[]> {
  const used = new Set<Step>();
  const started = new Map<string, string[]>();
  for (const [agentId, own] of byAgent) {
    const first = own[0];
    if (agentId === MAIN || !first) continue;
    const candidates = steps.filter(
      (step) =>
        AGENT_TOOLS.has(step.call.tool_name) && step.call.agent_id !== agentId && !used.has(step) && !step.call.subagent &&
        step.from <= first.from && (step.to >= first.from || step.call.duration_ms === null),
    );
    const reported = steps.find((step) => step.call.subagent?.agent_id === agentId);
    const starter = reported ?? candidates.findLast((step) => requestedType(step.call) === first.call.agent) ?? candidates.at(-1);
    if (!starter || isDescendant(starter, agentId, started, byAgent)) continue;
    used.add(starter);
    started.set(keyOf(starter), [...(started.get(keyOf(starter)) ?? []), agentId]);
  }
  return started;
}

/** Whether a call was made by an agent that this agent started, directly or not. */
function isDescendant(step: Step, agentId: string, started: ReadonlyMap<string, string[]>, byAgent: ReadonlyMap<string, Step[]>): boolean {
  const own = byAgent.get(agentId) ?? [];
  return own.some((other) =>
    (started.get(keyOf(other)) ?? []).some((child) => child === step.call.agent_id || isDescendant(step, child, started, byAgent)));
}

function requestedType({ parameters }: ToolCall): unknown {
  return typeof parameters === "object" && parameters !== null ? (parameters as Record<string, unknown>).subagent_type : undefined;
}

/** Attribute each request to the next call of the same agent; a main agent's request without one is an answer. */
function attributeRequests(
  steps: readonly Step[], requests: readonly ApiRequest[],
): { toCalls: Map<Step, ApiRequest[]>; answers: ApiRequest[] } {
  const toCalls = new Map<Step, ApiRequest[]>();
  const answers: ApiRequest[] = [];
  const stepsByAgent = groupBy(steps, ({ call }) => call.agent);
  for (const [agent, own] of groupBy(requests, (request) => request.agent)) {
    const calls = (stepsByAgent.get(agent) ?? []).toSorted((a, b) => a.from - b.from);
    let next = 0;
    own.forEach((request, index) => {
      const at = Date.parse(request.at);
      const until = Date.parse(own[index + 1]?.at ?? "") || Infinity;
      while (next < calls.length && (calls[next]?.from ?? 0) < at) next += 1;
      const step = calls[next];
      if (step && step.from < until) toCalls.set(step, [...(toCalls.get(step) ?? []), request]);
      else if (agent === "main") answers.push(request);
    });
  }
  return { toCalls, answers };
}

function callRow(step: Step, depth: number, requests: readonly ApiRequest[] = []): Row {
  const { call, from, to } = step;
  return {
    key: keyOf(step), kind: "call", name: call.tool_name, startedAgents: "", depth, from, to, outcome: outcomeOf(call), call,
    ...totalsOf(requests),
  };
}

function answerRows(requests: readonly ApiRequest[]): Row[] {
  return requests.map((request, index) => {
    const at = Date.parse(request.at);
    return {
      key: `answer ${index}`, kind: "answer", name: "Answer", startedAgents: "", depth: 0, from: at, to: at, outcome: "success",
      call: null, ...totalsOf([request]),
    };
  });
}

function agentRow(agentId: string, own: readonly Step[]): Row {
  const from = Math.min(...own.map((step) => step.from));
  const to = Math.max(...own.map((step) => step.to));
  return {
    key: `agent ${agentId}`, kind: "agent", name: own[0]?.call.agent ?? agentId, startedAgents: "", depth: 0, from, to,
    outcome: "success", call: null, ...totalsOf([]),
  };
}

function tokensOf(request: ApiRequest): number {
  return request.input_tokens + request.output_tokens + request.cache_read_tokens + request.cache_write_tokens;
}

/** Tokens and cost of requests; the cost is null where no request has a price. */
export function totalsOf(requests: readonly ApiRequest[]): { tokens: number; cost: number | null } {
  const costs = requests.flatMap(({ cost_usd: cost }) => (cost === null ? [] : [cost]));
  return {
    tokens: requests.reduce((sum, request) => sum + tokensOf(request), 0),
    cost: costs.length ? costs.reduce((sum, cost) => sum + cost, 0) : null,
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

function keyOf({ index }: Step): string {
  return `call ${index}`;
}
