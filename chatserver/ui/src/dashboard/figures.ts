// Figures as this page shows them.
import { dollars } from "../shared/format";

const WHOLE = new Intl.NumberFormat("en-US");
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const DAY_HOUR = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });
const NOTHING = "–";

export function whole(number: number): string {
  return WHOLE.format(number);
}

export function short(number: number): string {
  return SHORT.format(number);
}

export function money(usd: number | null): string {
  return usd === null ? NOTHING : dollars(usd);
}

export function percent(share: number | null): string {
  if (share === null) return NOTHING;
  const digits = share === 0 || share === 1 || (share > 0.1 && share < 0.9) ? 0 : 1;
  return `${(share * 100).toFixed(digits)} %`;
}

export function rate(number: number): string {
  return number.toFixed(number === 0 || number >= 10 ? 0 : 1);
}

/** How long a call took: 12 ms, 1.8 s, 14 s, 5 min 14 s. */
export function took(milliseconds: number | null): string {
  if (milliseconds === null) return NOTHING;
  if (milliseconds < 1) return "< 1 ms";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function clock(milliseconds: number): string {
  return CLOCK.format(milliseconds);
}

/** When a slot of a chart begins. */
export function slotName(milliseconds: number, slotSeconds: number): string {
  if (slotSeconds >= 86_400) return DAY.format(milliseconds);
  return (slotSeconds > 3600 ? DAY_HOUR : HOUR).format(milliseconds);
}

/** A name out of a log's words: command_failed is "command failed". */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}
