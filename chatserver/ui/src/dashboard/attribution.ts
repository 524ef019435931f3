// Which row of a timeline shows the cost of an API request: each request is shown once.
import { groupBy } from "./groupBy";
import type { ApiRequest, SessionEvent } from "./snapshot";

/** A request with what the session has cost up to and including it; null while nothing has a price. */
export interface Spent {
  request: ApiRequest;
  total: number | null;
  /** The tokens whose cost is not in it. */
  unpriced: number;
}

/** A call, by what attributing needs. */
export interface Caller {
  agentId: string;
  agent: string;
  from: number;
}

export const NOT_ITEMIZED = "not_itemized";
const MAIN = "";
const PICODOLLARS = 1e12; // of which each cost is a whole number

/** Requests with running totals, in the order of time. What the session cost before the first of them comes first. */
export function runningTotals(requests: readonly ApiRequest[], costBefore: number, unpricedBefore: number): Spent[] {
  let total: number | null = costBefore || null;
  let unpriced = unpricedBefore;
  return requests.map((request) => {
    if (request.cost_usd === null) unpriced += tokensOf(request);
    else total = sumOf(total ?? 0, request.cost_usd);
    return { request, total, unpriced };
  });
}

export function tokensOf(request: ApiRequest): number {
  return request.input_tokens + request.output_tokens + request.cache_read_tokens + request.cache_write_tokens;
}

/** The sum of two costs as the server adds them: exactly. */
function sumOf(one: number, other: number): number {
  return (Math.round(one * PICODOLLARS) + Math.round(other * PICODOLLARS)) / PICODOLLARS;
}

/** The first call that each request made: the next one of its agent before the agent's next request. */
export function firstCalls<Call extends Caller>(
  calls: readonly Call[], requests: readonly ApiRequest[], events: readonly SessionEvent[],
): Map<string, Call> {
  const agentOf = agentsOf(calls, requests, events);
  const found = new Map<string, Call>();
  const callsOf = groupBy(calls, ({ agentId }) => agentId);
  for (const [agentId, own] of groupBy(requests, ({ request }) => agentOf.get(request) ?? MAIN)) {
    const next = (callsOf.get(agentId) ?? []).toSorted((a, b) => a.from - b.from);
    let number = 0;
    own.forEach((request, index) => {
      const at = Date.parse(request.at);
      const until = Date.parse(own[index + 1]?.at ?? "") || Infinity;
      while (number < next.length && (next[number]?.from ?? 0) < at) number += 1;
      const call = next[number];
      if (call && call.from < until && request.agent !== NOT_ITEMIZED) found.set(request.request, call);
    });
  }
  return found;
}

/** The id of the agent that sent each request: as its answer says, else the only one of that type that made calls. */
function agentsOf(
  calls: readonly Caller[], requests: readonly ApiRequest[], events: readonly SessionEvent[],
): Map<string, string> {
  const answered = new Map(events.flatMap((event) => (event.request ? [[event.request, event.agent_id] as const] : [])));
  const byType = new Map<string, string>();
  for (const { agent, agentId } of calls) if (!byType.has(agent)) byType.set(agent, agentId);
  return new Map(requests.map(({ request, agent }) => [request, answered.get(request) ?? byType.get(agent) ?? MAIN]));
}
