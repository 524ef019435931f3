// The sessions of the last 24 hours: searchable, filterable, sortable.
import { useCallback, useMemo, useState } from "react";
import { integer } from "../shared/format";
import { useMedia } from "../shared/hooks";
import { Time } from "../shared/Time";
import { client } from "./client";
import { callDuration } from "./format";
import { useDashboard } from "./hooks";
import { RouteLink } from "./RouteLink";
import { Rows } from "./Rows";
import { loadSessions, mergeSessions, querySessions, type Column, type Query } from "./sessionList";
import type { Session, Snapshot } from "./snapshot";

const COLUMNS: [Column, string, string][] = [
  ["project", "Project", ""],
  ["status", "Status", ""],
  ["tool_count", "Calls", "number"],
  ["error_count", "Failed", "number"],
  ["duration_ms", "Duration", "number"],
  ["last_activity_at", "Last activity", "number"],
];
const STATUSES = ["", "active", "idle", "completed"] as const;
const INITIAL_QUERY: Query = { search: "", status: "", sortBy: "last_activity_at", isDescending: true };
const NONE: Session[] = [];

export function Sessions({ recent }: { recent: Snapshot["recent_sessions"] }) {
  const [others, setOthers] = useState<Session[] | null>(null);
  const [query, setQuery] = useState(INITIAL_QUERY);
  const { updatedAt } = useDashboard();
  const isNarrow = useMedia("(max-width: 48rem)");
  const hasMore = recent.total > recent.newest.length;
  const loadOthers = useCallback(() => {
    if (!hasMore || others) return;
    setOthers(NONE);
    loadSessions().then(setOthers, (error: unknown) => {
      setOthers(null);
      client.notify(String(error));
    });
  }, [hasMore, others]);
  const changeQuery = (changes: Partial<Query>) => {
    setQuery({ ...query, ...changes });
    loadOthers();
  };
  const rows = useMemo(
    () => querySessions(mergeSessions(recent.newest, others ?? NONE, updatedAt), query),
    [recent, others, query, updatedAt],
  );
  return (
    <section className="panel sessions" aria-labelledby="sessions-title">
      <header>
        <h2 id="sessions-title">Sessions</h2>
        <span className="faint" role="status">{countText(rows.length, recent.total, query)}</span>
        <label className="search">
          <span className="visually-hidden">Search by project or session ID</span>
          <input
            type="search" className="field" placeholder="Project or session ID" value={query.search}
            onInput={(event) => changeQuery({ search: event.currentTarget.value })}
          />
        </label>
        <label>
          <span className="visually-hidden">Status</span>
          <select className="field" value={query.status} onChange={(event) => changeQuery({ status: event.currentTarget.value as Query["status"] })}>
            {STATUSES.map((status) => <option key={status} value={status}>{status || "all statuses"}</option>)}
          </select>
        </label>
      </header>
      <div className="grid" role="table" aria-labelledby="sessions-title" aria-rowcount={rows.length + 1}>
        <div role="rowgroup" className="head">
          <div role="row" aria-rowindex={1} className="line">
            {COLUMNS.map(([column, name, kind]) => (
              <ColumnHeader key={column} {...{ column, name, kind, query, changeQuery }} />
            ))}
          </div>
        </div>
        <Rows
          rows={rows} height={isNarrow ? 62 : 34} keyOf={({ session_uuid: id }) => id} role="rowgroup" label="Sessions" onEnd={loadOthers}
        >
          {(session) => <Cells session={session} />}
        </Rows>
      </div>
      {rows.length === 0 && <p className="placeholder">No matching sessions in the last 24 hours.</p>}
    </section>
  );
}

interface ColumnHeaderProps {
  column: Column;
  name: string;
  kind: string;
  query: Query;
  changeQuery: (changes: Partial<Query>) => void;
}

function ColumnHeader({ column, name, kind, query, changeQuery }: ColumnHeaderProps) {
  const isSorted = query.sortBy === column;
  const sort = () => changeQuery({ sortBy: column, isDescending: isSorted ? !query.isDescending : kind === "number" });
  const order = isSorted ? (query.isDescending ? "descending" : "ascending") : "none";
  return (
    <div role="columnheader" className={`${column} ${kind}`} aria-sort={order}>
      <button type="button" onClick={sort}>
        {name}<span aria-hidden="true">{isSorted ? (query.isDescending ? " ↓" : " ↑") : ""}</span>
      </button>
    </div>
  );
}

function Cells({ session }: { session: Session }) {
  const { session_uuid: id, error_count: errors } = session;
  return (
    <>
      <div role="cell" className="project">
        <RouteLink to={{ session: id }} title={id}>{session.project || "unknown project"}</RouteLink>
        <span className="id faint">{id.slice(0, 8)}</span>
      </div>
      <div role="cell" className={`status ${session.status}`}>
        <span className="dot" aria-hidden="true" />{session.status}
      </div>
      <div role="cell" className="number tool_count">{integer(session.tool_count)}<span className="unit"> calls</span></div>
      <div role="cell" className={`number error_count ${errors ? "bad" : "faint"}`}>{integer(errors)}<span className="unit"> failed</span></div>
      <div role="cell" className="number duration_ms">{callDuration(session.duration_ms)}</div>
      <div role="cell" className="number last_activity_at"><Time at={session.last_activity_at} /></div>
    </>
  );
}

function countText(shown: number, total: number, { search, status }: Query): string {
  return search || status ? `${integer(shown)} of ${integer(total)}` : `${integer(total)} in the last 24 h`;
}
