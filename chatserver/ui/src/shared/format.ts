// Numbers and times as both pages show them; times are local, in the chosen clock.
import { preferences } from "./preferences";

const INTEGER = new Intl.NumberFormat("en-US");
const TIME = clocked({ hour: "2-digit", minute: "2-digit" });
const DAY_AND_TIME = clocked({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const YEAR_AND_TIME = clocked({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const EXACT = clocked({ dateStyle: "full", timeStyle: "long" });

/** A formatter of times that follows the chosen clock: 09:05 of 24 hours, 9:05 AM of twelve. */
export function clocked(options: Intl.DateTimeFormatOptions): (at: Date | number) => string {
  const { hour12 } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
  const formats = {
    locale: new Intl.DateTimeFormat(undefined, options.hour && hour12 ? { ...options, hour: "numeric" } : options),
    "24h": new Intl.DateTimeFormat(undefined, { ...options, hourCycle: "h23" }),
  };
  return (at) => formats[preferences.value.clock].format(at);
}

export function integer(number: number): string {
  return INTEGER.format(number);
}

/** US dollars with two decimals, or four below ten cents. */
export function dollars(usd: number): string {
  const digits = usd === 0 || usd >= 0.1 ? 2 : 4;
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** A share as a whole percentage. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "< 1%";
  return `${integer(Math.round(share * 100))}%`;
}

/** A duration in whole seconds: 8 s, 5 min 14 s, 2 h 3 min. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return "< 1 s";
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Hours and minutes: 14:05. */
export function timeOfDay(at: Date | number): string {
  return TIME(at);
}

/** The time of day; for any other day than today with the date: 27 Nov, 14:05. */
export function timeAndDate(iso: string, now = new Date()): string {
  const at = new Date(iso);
  if (at.toDateString() === now.toDateString()) return TIME(at);
  return (at.getFullYear() === now.getFullYear() ? DAY_AND_TIME : YEAR_AND_TIME)(at);
}

/** Date, time to the second, and time zone. */
export function exactTime(iso: string): string {
  return EXACT(new Date(iso));
}
