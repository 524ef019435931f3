// Number and time formats of the dashboard.
import { clocked, dollars, integer, timeOfDay } from "../shared/format";

const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const CLOCK_TIME = clocked({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const CLOCK_TIME_WITH_TENTHS = clocked({ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 1 });
const DATE = clocked({ day: "numeric", month: "short" });
const DATE_AND_TIME = clocked({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const DAY = clocked({ weekday: "short", day: "numeric", month: "short" });
const DAY_AND_TIME = clocked({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const DAY_SECONDS = 86_400;
export const DASH = "–";

/** 1.2K, 3.4M. */
export function compact(number: number): string {
  return COMPACT.format(number);
}

/** 1 call, 2 calls. */
export function counted(number: number, what: string): string {
  return `${integer(number)} ${number === 1 ? what : `${what}s`}`;
}

export function dollarsOrDash(usd: number | null): string {
  return usd === null ? DASH : dollars(usd);
}

/** A cost; null is unknown, which is not $0. */
export function dollarsOrUnknown(usd: number | null): string {
  return usd === null ? "unknown" : dollars(usd);
}

/** A rate as a percentage, with a decimal near 0 and 100, where it matters: 40%, 99.2%. */
export function ratePercent(share: number | null): string {
  if (share === null) return DASH;
  const digits = share === 0 || share === 1 || (share > 0.1 && share < 0.9) ? 0 : 1;
  return `${(share * 100).toFixed(digits)}%`;
}

/** Events per minute. */
export function perMinute(number: number): string {
  return number.toFixed(number === 0 || number >= 10 ? 0 : 1);
}

/** The duration of a call: 12 ms, 1.8 s, 14 s, 5 min 14 s. */
export function callDuration(milliseconds: number | null): string {
  if (milliseconds === null) return DASH;
  if (milliseconds < 1) return "< 1 ms";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The day and the time of day. */
export function dayAndTime(iso: string): string {
  return DAY_AND_TIME(new Date(iso));
}

/** The time of day with seconds. */
export function clockTime(milliseconds: number): string {
  return CLOCK_TIME(milliseconds);
}

/** The time of day with tenths of seconds. */
export function clockTimeWithTenths(milliseconds: number): string {
  return CLOCK_TIME_WITH_TENTHS(milliseconds);
}

/** The date: 28 Nov. */
export function date(milliseconds: number): string {
  return DATE(milliseconds);
}

/** The date and the time of day, without the day of the week: 28 Nov, 14:05. */
export function dateAndTime(milliseconds: number): string {
  return DATE_AND_TIME(milliseconds);
}

/** The names of a chart's time slots: their starts, with the date unless the chart spans a part of one day. */
export function slotNames(startsAt: number, slotSeconds: number, count: number): (index: number) => string {
  const startOf = (index: number) => startsAt + index * slotSeconds * 1000;
  const isWithinDay = new Date(startsAt).toDateString() === new Date(startOf(Math.max(0, count - 1))).toDateString();
  const nameOf = slotSeconds >= DAY_SECONDS ? DAY : isWithinDay ? timeOfDay : DAY_AND_TIME;
  return (index) => nameOf(startOf(index));
}

/** The label of a chart's time axis: the date where a day starts, else the time. */
export function tickLabel(milliseconds: number): string {
  const at = new Date(milliseconds);
  return at.getHours() === 0 && at.getMinutes() === 0 ? DATE(at) : timeOfDay(at);
}

/** The label of an axis of costs, with as many decimals as the steps between labels need; never one alone, as in $2.5. */
export function dollarTick(usd: number, step: number): string {
  const digits = [0, 2, 3, 4, 5, 6].find((digits) => Math.abs(step - Number(step.toFixed(digits))) < step / 1e6) ?? 6;
  return `$${usd.toFixed(digits)}`;
}

/** An identifier as words: command_failed becomes "command failed". */
export function spaced(identifier: string): string {
  return identifier.replaceAll("_", " ");
}
