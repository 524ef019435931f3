// Where one is: the overview, a session or a task, and the range of time. The address says it, so that it can be shared.
import { RANGES, type Range } from "./snapshot";

export interface Place {
  session: string | null;
  task: string | null;
  range: Range;
}

const listeners = new Set<() => void>();
let here = placeOf(location.search);

addEventListener("popstate", () => settle(placeOf(location.search)));

export function readPlace(): Place {
  return here;
}

export function subscribePlace(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function addressOf(place: Partial<Place>): string {
  const words = new URLSearchParams();
  if (place.session) words.set("session", place.session);
  if (place.task) words.set("task", place.task);
  const range = place.range ?? here.range;
  if (range !== "24h") words.set("range", range);
  return words.size ? `/?${words}` : "/";
}

export function go(place: Partial<Place>): void {
  const address = addressOf(place);
  history.pushState(null, "", address);
  settle(placeOf(location.search));
  scrollTo(0, 0);
}

export function chooseRange(range: Range): void {
  history.replaceState(null, "", addressOf({ ...here, range }));
  settle({ ...here, range });
}

function placeOf(search: string): Place {
  const words = new URLSearchParams(search);
  const range = RANGES.find((one) => one === words.get("range")) ?? "24h";
  return { session: words.get("session"), task: words.get("task"), range };
}

function settle(place: Place): void {
  here = place;
  for (const listener of listeners) listener();
}
