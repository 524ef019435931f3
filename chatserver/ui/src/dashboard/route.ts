// The current view and time range, kept in the URL so that it can be shared.
import { Observable } from "../shared/Observable";
import { RANGES, type Range } from "./snapshot";

export interface Route {
  session: string | null;
  task: string | null;
  range: Range;
}

export const currentRoute = new Observable(parseRoute(location.search));

addEventListener("popstate", () => currentRoute.set(parseRoute(location.search)));

export function hrefOf(route: Partial<Route>): string {
  const parameters = new URLSearchParams();
  if (route.session) parameters.set("session", route.session);
  if (route.task) parameters.set("task", route.task);
  const range = route.range ?? currentRoute.value.range;
  if (range !== "24h") parameters.set("range", range);
  return parameters.size ? `/?${parameters}` : "/";
}

export function navigate(route: Partial<Route>): void {
  history.pushState(null, "", hrefOf(route));
  currentRoute.set(parseRoute(location.search));
  scrollTo(0, 0);
}

export function selectRange(range: Range): void {
  const route = { ...currentRoute.value, range };
  history.replaceState(null, "", hrefOf(route));
  currentRoute.set(route);
}

function parseRoute(search: string): Route {
  const parameters = new URLSearchParams(search);
  const range = RANGES.find((one) => one === parameters.get("range")) ?? "24h";
  return { session: parameters.get("session"), task: parameters.get("task"), range };
}
