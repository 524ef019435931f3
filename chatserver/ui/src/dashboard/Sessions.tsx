// The sessions of the selected range: searched, filtered, sorted and paged by the server.
import { useEffect, useRef, useState, type RefObject } from "react";
import { integer } from "../shared/format";
import { useMedia } from "../shared/hooks";
import { compact, dollarsOrUnknown } from "./format";
import { useDashboard, useRoute } from "./hooks";
import { useKeys } from "./keys";
import { rangeParameters, rangeWords } from "./ranges";
import { replaceRoute } from "./route";
import { Rows } from "./Rows";
import { SessionFilters } from "./SessionFilters";
import { useSessionPages, type Totals } from "./sessionList";
import { apiPath, hasFilters, isDescendingByDefault, type Column, type ListQuery } from "./sessionQuery";
import { SessionRow } from "./SessionRow";

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
const FIRST_ROW = 2; // the index of the first one below the head
const ROW_HEIGHT = { wide: 36, narrow: 74 };

export function Sessions() {
  const { list: query, range } = useRoute();
  const { updatedAt } = useDashboard();
  const isNarrow = useMedia("(max-width: 48rem)");
  const parameters = rangeParameters(range);
  const pathOf = (page: Record<string, string>) => apiPath(query, parameters, page);
  const { rows, total, isLoading, error, loadMore } = useSessionPages(pathOf, updatedAt);
  const change = (changes: Partial<ListQuery>) => replaceRoute({ list: { ...query, ...changes } });
  const search = useRef<HTMLInputElement>(null);
  const height = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const table = useSelection(rows.length, height, loadMore);
  useKeys({ "/": () => search.current?.focus(), j: () => table.move(1), k: () => table.move(-1) });
  return (
    <section className="panel sessions" aria-labelledby="sessions-title" aria-busy={isLoading}>
      <header>
        <h2 id="sessions-title">Sessions</h2>
        <span className="faint">{rangeWords(range)}</span>
        <span className="faint total" role="status">{total && totalText(total)}</span>
      </header>
      <SessionFilters query={query} range={parameters} change={change} search={search} />
      {error && <p className="form-error" role="alert">{error}</p>}
      <div
        ref={table.element} className="grid" role="table" aria-labelledby="sessions-title"
        aria-rowcount={(total?.sessions ?? rows.length) + 1}
      >
        <div role="rowgroup" className="head">
          <div role="row" aria-rowindex={1} className="line">
            {HEADS.map(([column, name, kind]) => <ColumnHeader key={column} {...{ column, name, kind, query, change }} />)}
          </div>
        </div>
        <Rows rows={rows} height={height} keyOf={({ session_uuid: id }) => id} role="rowgroup" label="Sessions" onEnd={loadMore}>
          {(session) => <SessionRow session={session} />}
        </Rows>
      </div>
      {rows.length === 0 && !error && (
        <p className="placeholder" role="status">
          {isLoading ? "Loading…" : hasFilters(query) ? "No session matches these filters." : "No sessions in this range; choose a longer one above."}
        </p>
      )}
    </section>
  );
}

interface Selection {
  element: RefObject<HTMLDivElement | null>;
  move: (by: number) => void;
}

/** The row that j and k move to, counted from the one that had the focus last: its link is focused once it is rendered. */
function useSelection(count: number, height: number, onEnd: () => void): Selection {
  const element = useRef<HTMLDivElement>(null);
  const selected = useRef(-1);
  const isMoving = useRef(false); // then a key may have moved on already
  const [wanted, setWanted] = useState<number | null>(null);
  useEffect(() => {
    const note = ({ target }: FocusEvent) => {
      const row = target instanceof Element ? target.closest(".rows .line") : null;
      if (row && !isMoving.current) selected.current = Number(row.ariaRowIndex) - FIRST_ROW;
    };
    const table = element.current;
    table?.addEventListener("focusin", note);
    return () => table?.removeEventListener("focusin", note);
  }, []);
  const move = (by: number) => {
    const scroller = element.current?.querySelector(".rows");
    if (!scroller || count === 0) return;
    const next = Math.max(0, Math.min(count - 1, selected.current + by));
    selected.current = next;
    if (next === count - 1) onEnd();
    const [top, bottom] = [next * height, (next + 1) * height];
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
    setWanted(next);
  };
  useEffect(() => {
    const link = element.current?.querySelector<HTMLElement>(`.rows .line[aria-rowindex="${(wanted ?? -1) + FIRST_ROW}"] a`);
    if (wanted === null || !link) return;
    isMoving.current = true;
    link.focus();
    isMoving.current = false;
    setWanted(null);
  });
  return { element, move };
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

function totalText({ sessions, calls, failed, tokens, cost_usd: cost, unknown_costs: unknown }: Totals): string {
  if (sessions === 0) return "";
  const costs = unknown && cost !== null ? `${dollarsOrUnknown(cost)}, ${integer(unknown)} unknown` : dollarsOrUnknown(cost);
  return [
    `${integer(sessions)} ${sessions === 1 ? "session" : "sessions"}`,
    `${integer(calls)} ${calls === 1 ? "call" : "calls"}`,
    failed ? `${integer(failed)} failed` : [],
    `${compact(tokens)} tokens`,
    unknown && cost === null ? "cost unknown" : costs,
  ].flat().join(" · ");
}
