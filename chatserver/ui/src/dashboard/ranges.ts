// The range of time that everything on the overview covers, kept in the URL: ?range=7d, or ?since=…&until=….
export type Preset = "24h" | "7d" | "30d" | "90d";
export const PRESETS: readonly Preset[] = ["24h", "7d", "30d", "90d"];

/** A preset, or two dates as in 2026-11-28; the end is included, and empty for now. */
export interface TimeRange {
  preset: Preset | "custom";
  since: string;
  until: string;
}

export const DEFAULT_RANGE: TimeRange = { preset: "24h", since: "", until: "" };
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAYS = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DAYS_AND_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const WORDS: Record<Preset, string> = { "24h": "last 24 h", "7d": "last 7 days", "30d": "last 30 days", "90d": "last 90 days" };

export function parseRange(parameters: URLSearchParams): TimeRange {
  const since = parameters.get("since") ?? "";
  const until = parameters.get("until") ?? "";
  if (DATE.test(since)) return datesRange(since, DATE.test(until) ? until : "");
  const preset = PRESETS.find((one) => one === parameters.get("range")) ?? "24h";
  return { ...DEFAULT_RANGE, preset };
}

/** The range of two dates, in whatever order they are typed. */
export function datesRange(since: string, until: string): TimeRange {
  return until && until < since ? { preset: "custom", since: until, until: since } : { preset: "custom", since, until };
}

/** Add the range to the parameters of this page’s URL. */
export function addRange(parameters: URLSearchParams, { preset, since, until }: TimeRange): void {
  if (preset === "custom") {
    parameters.set("since", since);
    if (until) parameters.set("until", until);
  } else if (preset !== "24h") parameters.set("range", preset);
}

/** The parameters of the range for the API: dates are days of this browser, not of the server. */
export function rangeParameters({ preset, since, until }: TimeRange): Record<string, string> {
  if (preset !== "custom") return { since: preset };
  return until ? { since: startOf(since, 0), until: startOf(until, 1) } : { since: startOf(since, 0) };
}

/** The address of something about the range. */
export function rangePath(path: string, range: TimeRange): string {
  return `${path}?${new URLSearchParams(rangeParameters(range)).toString()}`;
}

/** The time before the range in words: previous 7 days. */
export function wordsBefore({ preset }: TimeRange): string {
  return preset === "custom" ? "the time before" : WORDS[preset].replace("last", "previous");
}

/** The start of a local day, or of a later one, in UTC. */
function startOf(date: string, daysLater: number): string {
  return localDay(date, daysLater).toISOString();
}

function localDay(date: string, daysLater = 0): Date {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  return new Date(year, month - 1, day + daysLater);
}

/** The range in words: last 7 days; 1–10 Nov; since 1 Nov. Days of other years have theirs. */
export function rangeWords({ preset, since, until }: TimeRange, now = new Date()): string {
  if (preset !== "custom") return WORDS[preset];
  const first = localDay(since);
  const last = until ? localDay(until) : now;
  const isThisYear = first.getFullYear() === now.getFullYear() && last.getFullYear() === now.getFullYear();
  const format = isThisYear ? DAYS : DAYS_AND_YEAR;
  return until ? format.formatRange(first, last) : `since ${format.format(first)}`;
}

/** The date of a local day, some days ago, as in 2026-11-28. */
export function dateOf(daysAgo: number, now = new Date()): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo);
  const [month, date] = [day.getMonth() + 1, day.getDate()].map((number) => String(number).padStart(2, "0"));
  return `${day.getFullYear()}-${month}-${date}`;
}
