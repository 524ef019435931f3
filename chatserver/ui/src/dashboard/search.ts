// Search: its place in the URL, and the results from the server.
import { request } from "../shared/api";

export const KINDS = ["prompt", "command", "path", "error", "answer"] as const;
export type Kind = (typeof KINDS)[number];
export const SPANS = ["24h", "7d", "30d", "90d"] as const;
export type Span = (typeof SPANS)[number];

export interface Search {
  text: string;
  kind: Kind | "";
  since: Span | "";
}

export interface SearchResult {
  session_uuid: string;
  project: string;
  title: string;
  kind: Kind;
  tool: string;
  agent: string;
  at: string;
  excerpt: { text: string; match: boolean }[];
}

export interface SearchPage {
  results: SearchResult[];
  total: number;
  total_is_minimum: boolean;
  next_cursor: number | null;
  complete: boolean;
  indexed_at: string | null;
}

/** The search in the parameters of a URL; null if there is none. */
export function searchOf(parameters: URLSearchParams): Search | null {
  const text = parameters.get("search");
  if (text === null) return null;
  return {
    text,
    kind: KINDS.find((one) => one === parameters.get("kind")) ?? "",
    since: SPANS.find((one) => one === parameters.get("within")) ?? "",
  };
}

export function addSearch({ text, kind, since }: Search, parameters: URLSearchParams): void {
  parameters.set("search", text);
  if (kind) parameters.set("kind", kind);
  if (since) parameters.set("within", since);
}

/** A page of results. Throws ApiError. */
export function findPage({ text, kind, since }: Search, cursor: number): Promise<SearchPage> {
  const parameters = new URLSearchParams({ q: kind ? `${text} kind:${kind}` : text, cursor: String(cursor) });
  if (since) parameters.set("since", since);
  return request("GET", `/api/search?${parameters}`);
}
