// The agents of a session as lanes: what each did, and when.
import { groupBy } from "./groupBy";
import type { Row } from "./timelineRows";

export interface Lane {
  agentId: string;
  name: string;
  first: Row;
  count: number;
  /** The calls that are drawn. */
  calls: Row[];
  marks: Row[];
  failed: number;
  /** Denied or interrupted calls. */
  refused: number;
  waits: number;
  from: number;
  to: number;
}

const MAX_LANES = 12;
const MAX_BARS = 400; // of one lane; more could not be distinguished
const MARKED = new Set<Row["kind"]>(["prompt", "permission", "compaction", "api_error", "fallback"]);

/** The lanes of the agents that come first, and how many are left out; none if there is nothing to tell apart or mark. */
export function lanesOf(rows: readonly Row[]): { lanes: Lane[]; others: number } {
  const all = [...groupBy(rows.filter(({ kind }) => kind !== "agent"), ({ agentId }) => agentId)].map(laneOf);
  if (all.length < 2 && !all[0]?.marks.length) return { lanes: [], others: 0 };
  const inOrder = all.toSorted((a, b) => Number(b.agentId === "") - Number(a.agentId === "") || a.first.from - b.first.from);
  return { lanes: inOrder.slice(0, MAX_LANES), others: Math.max(0, all.length - MAX_LANES) };
}

function laneOf([agentId, own]: [string, Row[]]): Lane {
  const inOrder = own.toSorted((a, b) => a.from - b.from);
  const first = inOrder[0] as Row;
  const calls = own.filter(({ kind }) => kind === "call");
  return {
    agentId, name: first.agent, first, count: calls.length, calls: thinned(calls), from: first.from,
    to: own.reduce((latest, { to }) => Math.max(latest, to), first.to),
    failed: calls.filter(({ outcome }) => outcome === "error").length,
    refused: calls.filter(({ outcome }) => outcome === "denied" || outcome === "interrupted").length,
    waits: own.filter(({ kind }) => kind === "permission").length,
    marks: thinned(own.filter(({ kind, outcome }) => MARKED.has(kind) || (kind === "call" && outcome === "error"))),
  };
}

/** Every nth row, so that there are no more than can be drawn. */
function thinned(rows: Row[]): Row[] {
  const step = Math.ceil(rows.length / MAX_BARS);
  return step > 1 ? rows.filter((_, place) => place % step === 0) : rows;
}
