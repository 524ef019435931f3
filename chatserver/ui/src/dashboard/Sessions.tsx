// The sessions of the last 24 hours: to be searched, filtered and sorted.
import { useCallback, useMemo, useState } from "react";
import { useMedia } from "../shared/hooks";
import { Time } from "../shared/Time";
import { client } from "./client";
import { took, whole } from "./figures";
import { useDashboard } from "./hooks";
import { Link } from "./Link";
import { Rows } from "./Rows";
import { allSessions, merged, viewed, type Column, type View } from "./listing";
import type { Session, Snapshot } from "./snapshot";

const COLUMNS: [Column, string, string][] = [
  ["project", "Project", ""],
  ["status", "Status", ""],
  ["tool_count", "Calls", "number"],
  ["error_count", "Failed", "number"],
  ["duration_ms", "Lasted", "number"],
  ["last_activity_at", "Last activity", "number"],
];
const STATUSES = ["", "active", "idle", "completed"] as const;
const NEWEST: View = { search: "", status: "", column: "last_activity_at", isDown: true };
const NONE: Session[] = [];

export function Sessions({ recent }: { recent: Snapshot["recent_sessions"] }) {
  const [others, setOthers] = useState<Session[] | null>(null);
  const [view, setView] = useState(NEWEST);
  const { heardAt } = useDashboard();
  const isNarrow = useMedia("(max-width: 48rem)");
  const isPart = recent.total > recent.newest.length;
  const ask = useCallback(() => {
    if (!isPart || others) return;
    setOthers(NONE);
    allSessions().then(setOthers, (error: unknown) => {
      setOthers(null);
      client.say(String(error));
    });
  }, [isPart, others]);
  const look = (change: Partial<View>) => {
    setView({ ...view, ...change });
    ask();
  };
  const rows = useMemo(
    () => viewed(merged(recent.newest, others ?? NONE, heardAt), view),
    [recent, others, view, heardAt],
  );
  return (
    <section className="panel sessions" aria-labelledby="sessions-title">
      <header>
        <h2 id="sessions-title">Sessions</h2>
        <span className="faint" role="status">{counted(rows.length, recent.total, view)}</span>
        <label className="search">
          <span className="visually-hidden">Search by project or id</span>
          <input
            type="search" className="field" placeholder="Project or id" value={view.search}
            onInput={(event) => look({ search: event.currentTarget.value })}
          />
        </label>
        <label>
          <span className="visually-hidden">Status</span>
          <select className="field" value={view.status} onChange={(event) => look({ status: event.currentTarget.value as View["status"] })}>
            {STATUSES.map((status) => <option key={status} value={status}>{status || "every status"}</option>)}
          </select>
        </label>
      </header>
      <div className="grid" role="table" aria-labelledby="sessions-title" aria-rowcount={rows.length + 1}>
        <div role="rowgroup" className="head">
          <div role="row" aria-rowindex={1} className="line">
            {COLUMNS.map(([column, name, kind]) => (
              <Head key={column} {...{ column, name, kind, view, look }} />
            ))}
          </div>
        </div>
        <Rows
          rows={rows} height={isNarrow ? 62 : 34} keyOf={({ session_uuid: id }) => id} role="rowgroup" label="Sessions" onEnd={ask}
        >
          {(session) => <Cells session={session} />}
        </Rows>
      </div>
      {rows.length === 0 && <p className="nothing">No session of the last 24 hours is like this.</p>}
    </section>
  );
}

interface HeadProps {
  column: Column;
  name: string;
  kind: string;
  view: View;
  look: (change: Partial<View>) => void;
}

function Head({ column, name, kind, view, look }: HeadProps) {
  const isChosen = view.column === column;
  const turn = () => look({ column, isDown: isChosen ? !view.isDown : kind === "number" });
  const order = isChosen ? (view.isDown ? "descending" : "ascending") : "none";
  return (
    <div role="columnheader" className={`${column} ${kind}`} aria-sort={order}>
      <button type="button" onClick={turn}>
        {name}<span aria-hidden="true">{isChosen ? (view.isDown ? " ↓" : " ↑") : ""}</span>
      </button>
    </div>
  );
}

function Cells({ session }: { session: Session }) {
  const { session_uuid: id, error_count: errors } = session;
  return (
    <>
      <div role="cell" className="project">
        <Link to={{ session: id }} title={id}>{session.project || "unknown project"}</Link>
        <span className="id faint">{id.slice(0, 8)}</span>
      </div>
      <div role="cell" className={`status ${session.status}`}>
        <span className="lamp" aria-hidden="true" />{session.status}
      </div>
      <div role="cell" className="number tool_count">{whole(session.tool_count)}<span className="unit"> calls</span></div>
      <div role="cell" className={`number error_count ${errors ? "bad" : "faint"}`}>{whole(errors)}<span className="unit"> failed</span></div>
      <div role="cell" className="number duration_ms">{took(session.duration_ms)}</div>
      <div role="cell" className="number last_activity_at"><Time at={session.last_activity_at} /></div>
    </>
  );
}

function counted(shown: number, total: number, { search, status }: View): string {
  return search || status ? `${whole(shown)} of ${whole(total)}` : `${whole(total)} in 24 h`;
}
