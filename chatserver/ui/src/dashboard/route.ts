// The current view, its range of time, and what the list of sessions shows: kept in the URL so that it can be shared.
import { Observable } from "../shared/Observable";
import { addRange, parseRange, type TimeRange } from "./ranges";
import { addSearch, searchOf, type Search } from "./search";
import { addQuery, DEFAULT_QUERY, parseQuery, type ListQuery } from "./sessionQuery";

export interface Route {
  session: string | null;
  task: string | null;
  /** The time of the call that is shown first. */
  at: string | null;
  search: Search | null;
  range: TimeRange;
  list: ListQuery;
}

export const currentRoute = new Observable(parseRoute(location.search));

addEventListener("popstate", () => currentRoute.set(parseRoute(location.search)));

export function hrefOf(route: Partial<Route>): string {
  const parameters = new URLSearchParams();
  if (route.session) parameters.set("session", route.session);
  if (route.task) parameters.set("task", route.task);
  if (route.at) parameters.set("at", route.at);
  if (route.search) addSearch(route.search, parameters);
  addRange(parameters, route.range ?? currentRoute.value.range);
  if (!route.session && !route.task && !route.search) addQuery(parameters, route.list ?? DEFAULT_QUERY);
  return parameters.size ? `/?${parameters}` : "/";
}

export function navigate(route: Partial<Route>): void {
  history.pushState(null, "", hrefOf(route));
  currentRoute.set(parseRoute(location.search));
  scrollTo(0, 0);
}

/** Change the range, the query or the search, which takes no step in the history. */
export function replaceRoute(changes: Pick<Partial<Route>, "range" | "list" | "search">): void {
  const route = { ...currentRoute.value, ...changes };
  history.replaceState(null, "", hrefOf(route));
  currentRoute.set(route);
}

function parseRoute(search: string): Route {
  const parameters = new URLSearchParams(search);
  return {
    session: parameters.get("session"),
    task: parameters.get("task"),
    at: parameters.get("at"),
    search: searchOf(parameters),
    range: parseRange(parameters),
    list: parseQuery(parameters),
  };
}
