// How a figure of the range has changed since the time before it.
import { integer } from "../shared/format";
import { rangePath, wordsBefore, type TimeRange } from "./ranges";
import { useLoaded } from "./useLoaded";

export interface RangeFigures {
  cost_usd: number | null;
  unpriced_tokens: number | null;
  tokens: number | null;
  calls: number | null;
  failed_calls: number | null;
  error_rate: number | null;
}

export interface Comparison {
  current: RangeFigures;
  previous: RangeFigures;
}

export interface Compared {
  comparison: Comparison | null;
  /** The time before the range, in words. */
  before: string;
}

export function useCompared(range: TimeRange, updatedAt: number): Compared {
  const { data: comparison } = useLoaded<Comparison>(rangePath("/api/comparison", range), updatedAt);
  return { comparison, before: wordsBefore(range) };
}

interface ChangeProps {
  of: keyof RangeFigures;
  in: Compared;
  /** What to show where the change is not known. */
  otherwise: string;
}

export function Change({ of, in: { comparison, before }, otherwise }: ChangeProps) {
  const [now, then] = [comparison?.current[of] ?? null, comparison?.previous[of] ?? null];
  const isIncomplete = of === "cost_usd" && (comparison?.current.unpriced_tokens || comparison?.previous.unpriced_tokens);
  if (now === null || then === null || isIncomplete) return otherwise;
  return changeWords(now, then, of === "error_rate", before);
}

/** +12% vs previous 7 days. Rates change by percentage points. */
function changeWords(now: number, then: number, isRate: boolean, before: string): string {
  if (isRate) return `${signed((now - then) * 100, 1)} points vs ${before}`;
  if (then === 0) return now === 0 ? `none in ${before} either` : `none in ${before}`;
  const ratio = now / then;
  return ratio >= 10 ? `${integer(Math.round(ratio))} times ${before}` : `${signed((ratio - 1) * 100, 0)}% vs ${before}`;
}

/** A number with its sign; none if it is rounded to 0. */
function signed(number: number, digits: number): string {
  const text = Math.abs(number).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${number > 0 ? "+" : "−"}${text}`;
}
