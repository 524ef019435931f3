// Which sessions are listed, and in which order: kept in the URL, and sent to the server.

export const COLUMNS = ["title", "project", "model", "status", "calls", "failed", "tokens", "cost", "duration", "last_activity"] as const;
export type Column = (typeof COLUMNS)[number];

export interface ListQuery {
  text: string;
  project: string;
  model: string;
  agent: string;
  status: string;
  failed: boolean;
  minCost: string;
  sort: Column;
  isDescending: boolean;
}

export const DEFAULT_QUERY: ListQuery = {
  text: "",
  project: "",
  model: "",
  agent: "",
  status: "",
  failed: false,
  minCost: "",
  sort: "last_activity",
  isDescending: true,
};
const TEXTS: readonly Column[] = ["title", "project", "model"];
const STATUSES = ["active", "idle", "completed"];
// The names of filters in the URL; the API has the same ones, but for the text.
const NAMES = { text: "q", project: "project", model: "model", agent: "agent", status: "status", minCost: "min_cost_usd" } as const;
const FILTERS = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** Whether a column is in descending order unless its order is chosen. */
export function isDescendingByDefault(column: Column): boolean {
  return !TEXTS.includes(column);
}

export function hasFilters(query: ListQuery): boolean {
  return query.failed || FILTERS.some((name) => query[name] !== "");
}

export function parseQuery(parameters: URLSearchParams): ListQuery {
  const sort = COLUMNS.find((one) => one === parameters.get("sort")) ?? DEFAULT_QUERY.sort;
  const order = parameters.get("order");
  const found = { ...DEFAULT_QUERY, sort, isDescending: order ? order === "desc" : isDescendingByDefault(sort) };
  for (const name of FILTERS) found[name] = parameters.get(NAMES[name]) ?? "";
  if (!STATUSES.includes(found.status)) found.status = "";
  if (!(Number(found.minCost) > 0)) found.minCost = "";
  return { ...found, failed: parameters.get("failed") === "true" };
}

/** Add the query to the parameters of this page’s URL, or of the API’s. */
export function addQuery(parameters: URLSearchParams, query: ListQuery): void {
  for (const name of FILTERS) if (query[name]) parameters.set(NAMES[name], query[name]);
  if (query.failed) parameters.set("failed", "true");
  if (query.sort !== DEFAULT_QUERY.sort) parameters.set("sort", query.sort);
  if (query.isDescending !== isDescendingByDefault(query.sort)) parameters.set("order", query.isDescending ? "desc" : "asc");
}

/** The path of the API for a page of the sessions of a query. */
export function apiPath(query: ListQuery, range: Record<string, string>, page: Record<string, string>): string {
  const parameters = new URLSearchParams(range);
  addQuery(parameters, query);
  const text = parameters.get("q");
  if (text) {
    parameters.delete("q");
    parameters.set("text", text);
  }
  for (const [name, value] of Object.entries(page)) parameters.set(name, value);
  return `/api/sessions?${parameters}`;
}
