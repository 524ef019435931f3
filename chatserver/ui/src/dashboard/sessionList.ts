// The pages of the list of sessions, loaded from the server: the first ones again when something has changed.
import { useCallback, useEffect, useRef, useState } from "react";
import { request } from "../shared/api";
import { failed, NOT_FAILED, type FailedRequest } from "../shared/failed";
import type { ListedSession } from "./snapshot";

const PAGE_SIZE = 100;
const MAX_RELOADED = 1000;
const RELOAD_MS = 4000;

export interface Totals {
  sessions: number;
  calls: number;
  failed: number;
  tokens: number;
  cost_usd: number | null;
  unknown_costs: number;
  unpriced_tokens: number;
}

interface Page {
  sessions: ListedSession[];
  next_cursor: string | null;
  total: Totals | null;
}

export interface SessionPages {
  /** What the rows are of. */
  list: string;
  rows: ListedSession[];
  total: Totals | null;
  isLoading: boolean;
  failed: FailedRequest;
  hasMore: boolean;
  loadMore: () => void;
}

interface Loaded {
  /** What the rows are of. */
  path: string;
  rows: ListedSession[];
  next: string | null;
  total: Totals | null;
  failed: FailedRequest;
}

const NOTHING: Loaded = { path: "", rows: [], next: null, total: null, failed: NOT_FAILED };
export type PathOf = (page: Record<string, string>) => string;

/** The sessions of a query, which `pathOf` asks for; `version` changes whenever sessions may have changed. */
export function useSessionPages(pathOf: PathOf, version: number): SessionPages {
  const [loaded, setLoaded] = useState(NOTHING);
  const path = pathOf({});
  const newest = useRef(0);
  const latest = useRef({ loaded, pathOf });
  latest.current = { loaded, pathOf };
  const load = useCallback(async (limit: number, after: Loaded | null) => {
    const number = ++newest.current;
    const { pathOf } = latest.current;
    const page = await request<Page>("GET", pathOf({ limit: String(limit), ...(after?.next ? { cursor: after.next } : {}) }))
      .catch((error: unknown) => failed(error, () => void load(limit, after)));
    if (number !== newest.current) return;
    const path = pathOf({});
    if ("error" in page) return setLoaded((before) => ({ ...(before.path === path ? before : NOTHING), path, failed: page }));
    setLoaded({
      path,
      rows: after ? [...after.rows, ...page.sessions] : page.sessions,
      next: page.next_cursor,
      total: page.total ?? after?.total ?? null,
      failed: NOT_FAILED,
    });
  }, []);
  useEffect(() => void load(PAGE_SIZE, null), [path, load]);
  const isLoadingMore = useRef(false);
  const reloadedAt = useRef(Date.now());
  useEffect(() => {
    const wait = Math.max(0, reloadedAt.current + RELOAD_MS - Date.now());
    const timer = setTimeout(() => {
      reloadedAt.current = Date.now();
      const count = latest.current.loaded.rows.length;
      if (count <= MAX_RELOADED && !isLoadingMore.current) void load(Math.max(PAGE_SIZE, count), null);
    }, wait);
    return () => clearTimeout(timer);
  }, [version, load]);
  const loadMore = useCallback(() => {
    const { loaded } = latest.current;
    if (!loaded.next || isLoadingMore.current) return;
    isLoadingMore.current = true; // which a reload would replace
    void load(PAGE_SIZE, loaded).finally(() => {
      isLoadingMore.current = false;
    });
  }, [load]);
  const { path: list, rows, total, failed: failure, next } = loaded;
  return { list, rows, total, failed: failure, isLoading: list !== path, hasMore: next !== null, loadMore };
}
