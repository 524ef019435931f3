// The time axis of a session: long idle gaps are compressed and marked.
import type { Row } from "./timelineRows";

/** A gap that is drawn shorter than it was; positions and widths are shares of the axis. */
export interface Gap {
  position: number;
  width: number;
  milliseconds: number;
}

export interface Scale {
  positionOf(time: number): number;
  gaps: Gap[];
  ticks: { position: number; time: number }[];
  /** Whether it covers more than one day, so that times need their date. */
  spansDays: boolean;
  /** Whether seconds do not tell its ticks apart. */
  needsTenths: boolean;
}

interface Segment {
  from: number;
  to: number;
  weight: number;
  isGap: boolean;
}

const MIN_GAP_MS = 30_000;
const GAP_SHARE = 0.025;
const MAX_GAPS_SHARE = 0.4;
const MIN_SPAN_MS = 1000;
const TICKS = 4;

export function scaleOf(all: readonly Row[]): Scale {
  const rows = all.filter(({ kind }) => kind !== "agent"); // whose spans have the gaps between their own rows in them
  const segments = segmentsOf(spansOf(rows));
  const total = segments.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const starts: number[] = [];
  segments.reduce((sum, segment) => (starts.push(sum), sum + segment.weight), 0);
  const positionOf = (time: number): number => {
    const index = Math.max(0, segments.findLastIndex(({ from }) => from <= time));
    const segment = segments[index];
    if (!segment) return 0;
    const { from, to, weight } = segment;
    const share = to > from ? Math.min(1, Math.max(0, (time - from) / (to - from))) : 0;
    return ((starts[index] ?? 0) + share * weight) / total;
  };
  const timeAt = (position: number): number => {
    const index = Math.max(0, starts.findLastIndex((start) => start <= position * total));
    const segment = segments[index];
    if (!segment) return 0;
    return segment.from + ((position * total - (starts[index] ?? 0)) / (segment.weight || 1)) * (segment.to - segment.from);
  };
  const gaps = segments.flatMap(({ isGap, weight, from, to }, index) =>
    isGap ? [{ position: (starts[index] ?? 0) / total, width: weight / total, milliseconds: to - from }] : []);
  const ticks = Array.from({ length: TICKS }, (_, index) => ({ position: index / TICKS, time: timeAt(index / TICKS) }));
  const [first, last] = [segments[0]?.from ?? 0, segments.at(-1)?.to ?? 0];
  const spansDays = new Date(first).toDateString() !== new Date(last).toDateString();
  const needsTenths = ticks.some(({ time }, index) => time - (ticks[index - 1]?.time ?? 0) < 1000);
  return { positionOf, gaps, ticks, spansDays, needsTenths };
}

/** The spans of activity, those less than a gap apart merged. */
function spansOf(rows: readonly Row[]): [number, number][] {
  const spans: [number, number][] = [];
  for (const { from, to } of rows.toSorted((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    if (last && from - last[1] <= MIN_GAP_MS) last[1] = Math.max(last[1], to);
    else spans.push([from, to]);
  }
  return spans;
}

/** The spans weighted by duration, and the gaps between them by a small fixed share. */
function segmentsOf(spans: readonly [number, number][]): Segment[] {
  const activity = spans.reduce((sum, [from, to]) => sum + Math.max(MIN_SPAN_MS, to - from), 0);
  const gapWeight = Math.min(GAP_SHARE, MAX_GAPS_SHARE / Math.max(1, spans.length - 1)) * activity;
  return spans.flatMap(([from, to], index) => {
    const previous = spans[index - 1];
    const gap: Segment[] = previous
      ? [{ from: previous[1], to: from, weight: Math.min(gapWeight, from - previous[1]), isGap: true }]
      : [];
    return [...gap, { from, to: Math.max(to, from + MIN_SPAN_MS), weight: Math.max(MIN_SPAN_MS, to - from), isGap: false }];
  });
}
