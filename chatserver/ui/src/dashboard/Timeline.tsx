// Every call of a session as a bar on its time axis; what a call was told and what it said opens on demand.
import { useMemo, useState } from "react";
import { useMedia } from "../shared/hooks";
import { exactly } from "../shared/format";
import { CallDialog } from "./CallDialog";
import { clock, money, short, took, words } from "./figures";
import { Rows } from "./Rows";
import { scaleOf, type Scale } from "./scale";
import type { ApiRequest, ToolCall } from "./snapshot";
import { rowsOf, type Row } from "./steps";

interface Props {
  calls: ToolCall[];
  requests: ApiRequest[];
  readAt: number;
}

const FILTERS = { all: "All", failed: "Failed or denied" };

export function Timeline({ calls, requests, readAt }: Props) {
  const [isFailedOnly, setFailedOnly] = useState(false);
  const [open, setOpen] = useState<Row | null>(null);
  const isNarrow = useMedia("(max-width: 48rem)");
  const all = useMemo(() => rowsOf(calls, requests, readAt), [calls, requests, readAt]);
  const scale = useMemo(() => scaleOf(all), [all]);
  const rows = isFailedOnly ? all.filter(isFailed) : all;
  const failed = all.filter(isFailed).length;
  return (
    <section className="panel timeline" aria-labelledby="timeline-title">
      <header>
        <h2 id="timeline-title">Timeline</h2>
        <fieldset className="ranges">
          <legend className="visually-hidden">Which calls</legend>
          {Object.entries(FILTERS).map(([name, text]) => (
            <label key={name}>
              <input
                type="radio" name="calls" checked={isFailedOnly === (name === "failed")}
                onChange={() => setFailedOnly(name === "failed")}
              />
              <span>{text} {name === "failed" ? failed : calls.length}</span>
            </label>
          ))}
        </fieldset>
      </header>
      <Axis scale={scale} />
      {rows.length === 0 ? <p className="nothing">No call is like this.</p> : (
        <Rows rows={rows} height={isNarrow ? 48 : 28} keyOf={({ key }) => key} role="list" label="Calls">
          {(row) => <Line row={row} scale={scale} onOpen={setOpen} />}
        </Rows>
      )}
      {open?.call && <CallDialog row={open} call={open.call} onClose={() => setOpen(null)} />}
    </section>
  );
}

function Axis({ scale }: { scale: Scale }) {
  return (
    <div className="axis" aria-hidden="true">
      <div className="lane">
        {scale.ticks.map(({ place, at }) => <span key={place} style={{ left: `${place * 100}%` }}>{clock(at)}</span>)}
      </div>
      {["took", "tokens", "cost"].map((name) => <span key={name} className="number">{name}</span>)}
    </div>
  );
}

function Line({ row, scale, onOpen }: { row: Row; scale: Scale; onOpen: (row: Row) => void }) {
  const from = scale.place(row.from);
  const width = scale.place(row.to) - from;
  const mark = markOf(row);
  return (
    <div className={`call ${row.kind} ${row.outcome}`}>
      <span className="label" style={{ paddingInlineStart: `${Math.min(row.depth, 6) * 14}px` }}>
        {row.call ? (
          <button type="button" onClick={() => onOpen(row)} title={tellOf(row)}>{row.name}</button>
        ) : (
          <span title={tellOf(row)}>{row.kind === "agent" ? `Sub-agent ${row.name}` : row.name}</span>
        )}
        {row.starts && <span className="starts faint">→ {row.starts}</span>}
        {mark && <span className="mark-word">{mark}</span>}
      </span>
      <span className="lane" aria-hidden="true">
        {scale.gaps.map((gap) => <i key={gap.at} className="gap" style={{ left: `${gap.at * 100}%`, width: `${gap.width * 100}%` }} />)}
        <i className="bar" style={{ left: `${from * 100}%`, width: `${width * 100}%` }} />
      </span>
      <span className="number took">{row.kind === "answer" ? "" : lasted(row)}</span>
      <span className="number tokens" title={row.tokens ? `${row.tokens} tokens` : undefined}>
        {row.tokens ? `${short(row.tokens)}` : ""}<span className="unit">{row.tokens ? " tokens" : ""}</span>
      </span>
      <span className="number spent">{row.cost === null ? "" : money(row.cost)}</span>
    </div>
  );
}

function lasted(row: Row): string {
  if (row.call) return row.outcome === "running" ? took(row.to - row.from) : took(row.call.duration_ms);
  return took(row.to - row.from);
}

function isFailed({ outcome }: Row): boolean {
  return outcome === "error" || outcome === "denied" || outcome === "interrupted";
}

function markOf({ outcome, call }: Row): string {
  if (outcome === "error") return call?.error_category ? words(call.error_category) : "failed";
  return outcome === "success" ? "" : outcome;
}

function tellOf(row: Row): string {
  return `${row.name}, ${exactly(new Date(row.from).toISOString())}`;
}
