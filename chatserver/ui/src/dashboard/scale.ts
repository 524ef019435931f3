// The time axis of a session: hours in which nothing happened take little room, and are marked.
import type { Row } from "./steps";

export interface Gap {
  /** Where it lies, as shares of the width. */
  at: number;
  width: number;
  milliseconds: number;
}

export interface Scale {
  place(at: number): number;
  gaps: Gap[];
  ticks: { place: number; at: number }[];
}

interface Piece {
  from: number;
  to: number;
  weight: number;
  isGap: boolean;
}

const LEAST_GAP_MS = 30_000;
const GAP_SHARE = 0.025;
const TICKS = 5;

export function scaleOf(rows: readonly Row[]): Scale {
  const pieces = weighed(spansOf(rows));
  const whole = pieces.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const starts: number[] = [];
  pieces.reduce((sum, piece) => (starts.push(sum), sum + piece.weight), 0);
  const place = (at: number): number => {
    const number = Math.max(0, pieces.findLastIndex(({ from }) => from <= at));
    const piece = pieces[number];
    if (!piece) return 0;
    const share = piece.to > piece.from ? Math.min(1, Math.max(0, (at - piece.from) / (piece.to - piece.from))) : 0;
    return ((starts[number] ?? 0) + share * piece.weight) / whole;
  };
  const gaps = pieces.flatMap(({ isGap, from, to, weight }, number) =>
    isGap ? [{ at: (starts[number] ?? 0) / whole, width: weight / whole, milliseconds: to - from }] : []);
  const timeAt = (share: number): number => {
    const number = Math.max(0, starts.findLastIndex((start) => start <= share * whole));
    const piece = pieces[number];
    if (!piece) return 0;
    return piece.from + ((share * whole - (starts[number] ?? 0)) / (piece.weight || 1)) * (piece.to - piece.from);
  };
  const ticks = Array.from({ length: TICKS }, (_, number) => ({ place: number / TICKS, at: timeAt(number / TICKS) }));
  return { place, gaps, ticks };
}

/** The spans in which something happened; what lies close together is one. */
function spansOf(rows: readonly Row[]): [number, number][] {
  const spans: [number, number][] = [];
  for (const { from, to } of rows.toSorted((one, other) => one.from - other.from)) {
    const last = spans.at(-1);
    if (last && from - last[1] <= LEAST_GAP_MS) last[1] = Math.max(last[1], to);
    else spans.push([from, to]);
  }
  return spans;
}

function weighed(spans: readonly [number, number][]): Piece[] {
  const busy = spans.reduce((sum, [from, to]) => sum + Math.max(1000, to - from), 0);
  const room = Math.min(GAP_SHARE, 0.4 / Math.max(1, spans.length - 1)) * busy;
  return spans.flatMap(([from, to], number) => {
    const before = spans[number - 1];
    const gap: Piece[] = before ? [{ from: before[1], to: from, weight: Math.min(room, from - before[1]), isGap: true }] : [];
    return [...gap, { from, to: Math.max(to, from + 1000), weight: Math.max(1000, to - from), isGap: false }];
  });
}
