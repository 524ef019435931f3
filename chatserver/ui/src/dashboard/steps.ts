// A session's calls and requests as rows on a time axis: pure, so that it can be looked at by itself.
import { groupBy } from "./groups";
import type { ApiRequest, ToolCall } from "./snapshot";

export interface Row {
  key: string;
  kind: "call" | "agent" | "answer";
  name: string;
  /** The kind of sub-agent that it started, if any. */
  starts: string;
  depth: number;
  from: number;
  to: number;
  outcome: ToolCall["outcome"];
  call: ToolCall | null;
  tokens: number;
  cost: number | null;
}

interface Step {
  place: number;
  call: ToolCall;
  from: number;
  to: number;
}

const STARTERS = new Set(["Task", "Agent"]); // the tools that start sub-agents
const MAIN = "";

/** The rows of a session: each call below the one before it, a sub-agent's below the call that started it. */
export function rowsOf(calls: readonly ToolCall[], requests: readonly ApiRequest[], now: number): Row[] {
  const steps = stepsOf(calls, requests, now);
  const byAgent = groupBy(steps, ({ call }) => call.agent_id);
  const startedBy = startersOf(steps, byAgent);
  const spent = spentOn(steps, requests);
  const below = (agentId: string, depth: number): Row[] => {
    const own = [...callsOf(byAgent.get(agentId) ?? [], depth), ...(agentId === MAIN ? answersOf(spent.answers) : [])];
    own.sort((one, other) => one.from - other.from);
    return own.flatMap((row) => {
      const started = startedBy.get(row.key) ?? [];
      const kinds = started.flatMap((other) => byAgent.get(other)?.[0]?.call.agent ?? []);
      return [{ ...row, starts: kinds.join(", ") }, ...started.flatMap((other) => below(other, depth + 1))];
    });
  };
  const callsOf = (own: readonly Step[], depth: number) => own.map((step) => rowOf(step, depth, spent.of.get(step)));
  const orphans = [...byAgent.keys()].filter((agentId) => agentId !== MAIN && ![...startedBy.values()].flat().includes(agentId));
  const groups = orphans.map((agentId) => [headOf(agentId, byAgent.get(agentId) ?? []), ...below(agentId, 1)]);
  const main = below(MAIN, 0);
  return weave(main, groups);
}

function stepsOf(calls: readonly ToolCall[], requests: readonly ApiRequest[], now: number): Step[] {
  const first = Date.parse(calls.find(({ timestamp }) => timestamp)?.timestamp ?? requests[0]?.at ?? "") || now;
  return calls.map((call, place) => {
    const from = call.timestamp ? Date.parse(call.timestamp) : first;
    const to = call.outcome === "running" ? Math.max(from, now) : from + (call.duration_ms ?? 0);
    return { place, call, from, to };
  });
}

/** The sub-agents that a call started, by the row of the call. A starter that names the agent's kind comes first. */
function startersOf(steps: readonly Step[], byAgent: ReadonlyMap<string, Step[]>): Map<string, string[]> {
  const taken = new Set<Step>();
  const found = new Map<string, string[]>();
  for (const [agentId, own] of byAgent) {
    const begin = own[0];
    if (agentId === MAIN || !begin) continue;
    const able = steps.filter(
      (step) =>
        STARTERS.has(step.call.tool_name) && step.call.agent_id !== agentId && !taken.has(step) &&
        step.from <= begin.from && (step.to >= begin.from || step.call.duration_ms === null),
    );
    const starter = able.findLast((step) => kindOf(step.call) === begin.call.agent) ?? able.at(-1);
    if (!starter || isBelow(starter, agentId, found, byAgent)) continue;
    taken.add(starter);
    found.set(keyOf(starter), [...(found.get(keyOf(starter)) ?? []), agentId]);
  }
  return found;
}

/** Whether a call is the work of an agent, or of one that it started. */
function isBelow(starter: Step, agentId: string, found: ReadonlyMap<string, string[]>, byAgent: ReadonlyMap<string, Step[]>): boolean {
  const own = byAgent.get(agentId) ?? [];
  return own.some((step) =>
    (found.get(keyOf(step)) ?? []).some((other) => other === starter.call.agent_id || isBelow(starter, other, found, byAgent)));
}

function kindOf({ parameters }: ToolCall): unknown {
  return typeof parameters === "object" && parameters !== null ? (parameters as Record<string, unknown>).subagent_type : undefined;
}

/** What each call was asked for by: the request right before it, of the same agent. The main agent's others are answers. */
function spentOn(steps: readonly Step[], requests: readonly ApiRequest[]): { of: Map<Step, ApiRequest[]>; answers: ApiRequest[] } {
  const of = new Map<Step, ApiRequest[]>();
  const answers: ApiRequest[] = [];
  const byKind = groupBy(steps, ({ call }) => call.agent);
  for (const [kind, asked] of groupBy(requests, ({ agent }) => agent)) {
    const own = (byKind.get(kind) ?? []).toSorted((one, other) => one.from - other.from);
    let place = 0;
    asked.forEach((request, number) => {
      const at = Date.parse(request.at);
      const next = Date.parse(asked[number + 1]?.at ?? "") || Infinity;
      while (place < own.length && (own[place]?.from ?? 0) < at) place += 1;
      const step = own[place];
      if (step && step.from < next) of.set(step, [...(of.get(step) ?? []), request]);
      else if (kind === "main") answers.push(request);
    });
  }
  return { of, answers };
}

function rowOf(step: Step, depth: number, requests: readonly ApiRequest[] = []): Row {
  const { call, from, to } = step;
  return { key: keyOf(step), kind: "call", name: call.tool_name, starts: "", depth, from, to, outcome: call.outcome, call, ...sumOf(requests) };
}

function answersOf(requests: readonly ApiRequest[]): Row[] {
  return requests.map((request, number) => {
    const at = Date.parse(request.at);
    return {
      key: `answer ${number}`, kind: "answer", name: "Answer", starts: "", depth: 0, from: at, to: at, outcome: "success", call: null,
      ...sumOf([request]),
    };
  });
}

function headOf(agentId: string, own: readonly Step[]): Row {
  const from = Math.min(...own.map((step) => step.from));
  const to = Math.max(...own.map((step) => step.to));
  return {
    key: `agent ${agentId}`, kind: "agent", name: own[0]?.call.agent ?? agentId, starts: "", depth: 0, from, to, outcome: "success",
    call: null, ...sumOf([]),
  };
}

export function tokensOf(request: ApiRequest): number {
  return request.input_tokens + request.output_tokens + request.cache_read_tokens + request.cache_write_tokens;
}

export function sumOf(requests: readonly ApiRequest[]): { tokens: number; cost: number | null } {
  const costs = requests.flatMap(({ cost_usd: cost }) => (cost === null ? [] : [cost]));
  return {
    tokens: requests.reduce((sum, request) => sum + tokensOf(request), 0),
    cost: costs.length ? costs.reduce((sum, cost) => sum + cost, 0) : null,
  };
}

/** The groups of agents of which nobody knows what started them, where they began among the others. */
function weave(main: Row[], groups: Row[][]): Row[] {
  const blocks: Row[][] = [];
  for (const row of main) {
    if (row.depth === 0) blocks.push([row]);
    else blocks.at(-1)?.push(row);
  }
  return [...blocks, ...groups].sort((one, other) => (one[0]?.from ?? 0) - (other[0]?.from ?? 0)).flat();
}

function keyOf({ place }: Step): string {
  return `call ${place}`;
}
