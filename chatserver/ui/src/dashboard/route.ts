// The current view and time range, kept in the URL so that it can be shared.
import { Observable } from "../shared/Observable";
import { addSearch, searchOf, type Search } from "./search";
import { RANGES, type Range } from "./snapshot";

export interface Route {
  session: string | null;
  task: string | null;
  /** The time of the call that is shown first. */
  at: string | null;
  search: Search | null;
  range: Range;
}

export const currentRoute = new Observable(parseRoute(location.search));

addEventListener("popstate", () => currentRoute.set(parseRoute(location.search)));

export function hrefOf(route: Partial<Route>): string {
  const parameters = new URLSearchParams();
  if (route.session) parameters.set("session", route.session);
  if (route.task) parameters.set("task", route.task);
  if (route.at) parameters.set("at", route.at);
  if (route.search) addSearch(route.search, parameters);
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

/** Show other results, without a step back to the previous ones. */
export function replaceSearch(search: Search): void {
  const route = { ...currentRoute.value, search };
  history.replaceState(null, "", hrefOf(route));
  currentRoute.set(route);
}

function parseRoute(search: string): Route {
  const parameters = new URLSearchParams(search);
  const range = RANGES.find((one) => one === parameters.get("range")) ?? "24h";
  const get = (name: string) => parameters.get(name);
  return { session: get("session"), task: get("task"), at: get("at"), search: searchOf(parameters), range };
}
