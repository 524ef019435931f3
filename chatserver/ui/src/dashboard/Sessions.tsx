// The sessions of the selected range: searched, filtered, sorted and paged by the server.
import { useMemo, useRef } from "react";
import { Failure } from "../shared/Failure";
import { integer } from "../shared/format";
import { useMedia } from "../shared/hooks";
import { compact, dollarsOrUnknown } from "./format";
import { useDashboard, useRoute } from "./hooks";
import { useKeys } from "./keys";
import { rangeParameters, rangeWords } from "./ranges";
import { replaceRoute } from "./route";
import { Rows } from "./Rows";
import { useSelection } from "./selection";
import { SessionFilters } from "./SessionFilters";
import { useSessionPages, type Totals } from "./sessionList";
import { apiPath, hasFilters, isDescendingByDefault, type Column, type ListQuery } from "./sessionQuery";
import { SessionRow } from "./SessionRow";
import type { ContextNow, Snapshot } from "./snapshot";

const HEADS: [Column, string, string][] = [
  ["title", "Session", ""],
  ["project", "Project", ""],
  ["model", "Model", ""],
  ["status", "Status", ""],
  ["calls", "Calls", "number"],
  ["failed", "Failed", "number"],
  ["tokens", "Tokens", "number"],
  ["cost", "Cost", "number"],
  ["duration", "Duration", "number"],
  ["last_activity", "Last activity", "number"],
];
const ROW_HEIGHT = { wide: 36, narrow: 74 };

export function Sessions() {
  const { list: query, range } = useRoute();
  const { snapshot, updatedAt } = useDashboard();
  const isNarrow = useMedia("(max-width: 48rem)");
  const parameters = rangeParameters(range);
  const pathOf = (page: Record<string, string>) => apiPath(query, parameters, page);
  const { list, rows, total, isLoading, failed, hasMore, loadMore } = useSessionPages(pathOf, updatedAt);
  const change = (changes: Partial<ListQuery>) => replaceRoute({ list: { ...query, ...changes } });
  const search = useRef<HTMLInputElement>(null);
  const height = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const ids = useMemo(() => rows.map(({ session_uuid: id }) => id), [rows]);
  const { table, wanted, onFocus, move } = useSelection({ list, ids, isLoading, hasMore, loadMore, rowHeight: height });
  const contexts = useMemo(() => contextsOf(snapshot), [snapshot]);
  useKeys({ "/": () => search.current?.focus(), j: () => move(1), k: () => move(-1) });
  return (
    <section className="panel sessions" aria-labelledby="sessions-title" aria-busy={isLoading}>
      <header>
        <h2 id="sessions-title">Sessions</h2>
        <span className="faint">{rangeWords(range)}</span>
        <span className="faint total" role="status">{total && totalText(total)}</span>
      </header>
      <SessionFilters query={query} range={parameters} change={change} search={search} />
      <Failure className="placeholder" {...failed} />
      <div
        ref={table} className="grid" role="table" aria-labelledby="sessions-title"
        aria-rowcount={(total?.sessions ?? rows.length) + 1}
      >
        <div role="rowgroup" className="head">
          <div role="row" aria-rowindex={1} className="line">
            {HEADS.map(([column, name, kind]) => <ColumnHeader key={column} {...{ column, name, kind, query, change }} />)}
          </div>
        </div>
        <Rows rows={rows} height={height} keyOf={({ session_uuid: id }) => id} role="rowgroup" label="Sessions" onEnd={loadMore}>
          {(session) => (
            <SessionRow
              session={session} context={contexts.get(session.session_uuid)} isWanted={session.session_uuid === wanted}
              onFocus={() => onFocus(session.session_uuid)}
            />
          )}
        </Rows>
      </div>
      {rows.length === 0 && !failed.error && (
        <p className="placeholder" role="status">
          {isLoading ? "Loading…" : hasFilters(query) ? "No session matches these filters." : "No sessions in this range; choose a longer one above."}
        </p>
      )}
    </section>
  );
}

/** The contexts of running sessions. */
function contextsOf(snapshot: Snapshot | null): Map<string | null, ContextNow | null> {
  const { sessions = [], tasks = [] } = snapshot?.running ?? {};
  return new Map([...tasks, ...sessions].map(({ session_uuid: session, context }) => [session, context]));
}

interface ColumnHeaderProps {
  column: Column;
  name: string;
  kind: string;
  query: ListQuery;
  change: (changes: Partial<ListQuery>) => void;
}

function ColumnHeader({ column, name, kind, query, change }: ColumnHeaderProps) {
  const isSorted = query.sort === column;
  const sort = () => change({ sort: column, isDescending: isSorted ? !query.isDescending : isDescendingByDefault(column) });
  const order = isSorted ? (query.isDescending ? "descending" : "ascending") : "none";
  return (
    <div role="columnheader" className={`${column} ${kind}`} aria-sort={order}>
      <button type="button" onClick={sort}>
        {name}<span aria-hidden="true">{isSorted ? (query.isDescending ? " ↓" : " ↑") : ""}</span>
      </button>
    </div>
  );
}

function totalText({ sessions, calls, failed, tokens, cost_usd: cost, unknown_costs: unknown, unpriced_tokens: unpriced }: Totals): string {
  if (sessions === 0) return "";
  const known = `${dollarsOrUnknown(cost)}${unpriced ? "+" : ""}`;
  const costs = unknown ? `${known}, ${integer(unknown)} unknown` : known;
  return [
    `${integer(sessions)} ${sessions === 1 ? "session" : "sessions"}`,
    `${integer(calls)} ${calls === 1 ? "call" : "calls"}`,
    failed ? `${integer(failed)} failed` : [],
    `${compact(tokens)} tokens`,
    unknown && cost === null ? "cost unknown" : costs,
  ].flat().join("\u00a0· ");
}
