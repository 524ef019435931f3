// The tool calls of a session as bars on a time axis; each call opens to its details.
import { useMemo, useState } from "react";
import { exactTime } from "../shared/format";
import { useMedia } from "../shared/hooks";
import { CallDialog } from "./CallDialog";
import { callDuration, clockTime, compact, dollarsOrDash, spaced } from "./format";
import { Rows } from "./Rows";
import { scaleOf, type Scale } from "./scale";
import type { ApiRequest, ToolCall } from "./snapshot";
import { durationOf, nearestTo, timelineRows, type Row } from "./timelineRows";

interface Props {
  calls: ToolCall[];
  requests: ApiRequest[];
  loadedAt: number;
  /** The time of the call to show first. */
  at?: string | null;
}

const FILTERS = { all: "All", failed: "Failed or denied" };
const INDENT_PX = 14;
const MAX_INDENTS = 6;

export function Timeline({ calls, requests, loadedAt, at = null }: Props) {
  const [isFailedOnly, setFailedOnly] = useState(false);
  const [open, setOpen] = useState<Row | null>(null);
  const isNarrow = useMedia("(max-width: 48rem)");
  const all = useMemo(() => timelineRows(calls, requests, loadedAt), [calls, requests, loadedAt]);
  const scale = useMemo(() => scaleOf(all), [all]);
  const target = useMemo(() => (at ? nearestTo(Date.parse(at), all) : -1), [at, all]);
  const failed = all.filter(isFailed);
  const rows = isFailedOnly ? failed : all;
  return (
    <section className="panel timeline" aria-labelledby="timeline-title">
      <header>
        <h2 id="timeline-title">Timeline</h2>
        <fieldset className="options">
          <legend className="visually-hidden">Filter calls</legend>
          {Object.entries(FILTERS).map(([name, text]) => (
            <label key={name}>
              <input
                type="radio" name="calls" checked={isFailedOnly === (name === "failed")}
                onChange={() => setFailedOnly(name === "failed")}
              />
              <span>{text} {name === "failed" ? failed.length : calls.length}</span>
            </label>
          ))}
        </fieldset>
      </header>
      <Axis scale={scale} />
      {rows.length === 0 ? <p className="placeholder">No {isFailedOnly && "failed or denied "}calls.</p> : (
        <Rows rows={rows} height={isNarrow ? 48 : 28} keyOf={({ key }) => key} role="list" label="Calls" first={isFailedOnly ? 0 : target}>
          {(row) => <Line row={row} scale={scale} onOpen={setOpen} isTarget={row === all[target]} />}
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
        {scale.ticks.map(({ position, time }) => <span key={position} style={{ left: share(position) }}>{clockTime(time)}</span>)}
      </div>
      {["Duration", "Tokens", "Cost"].map((name) => <span key={name} className="number">{name}</span>)}
    </div>
  );
}

interface LineProps {
  row: Row;
  scale: Scale;
  onOpen: (row: Row) => void;
  isTarget: boolean;
}

function Line({ row, scale, onOpen, isTarget }: LineProps) {
  const start = scale.positionOf(row.from);
  const width = scale.positionOf(row.to) - start;
  return (
    <div className={`call ${row.kind} ${row.outcome} ${isTarget ? "target" : ""}`} aria-current={isTarget || undefined}>
      <Label row={row} onOpen={onOpen} />
      <span className="lane" aria-hidden="true">
        {scale.gaps.map((gap) => <i key={gap.position} className="gap" style={{ left: share(gap.position), width: share(gap.width) }} />)}
        <i className="bar" style={{ left: share(start), width: share(width) }} />
      </span>
      <span className="number duration">{row.kind === "answer" ? "" : shownDuration(row)}</span>
      <span className="number tokens" title={row.tokens ? `${row.tokens} tokens` : undefined}>
        {row.tokens > 0 && <>{compact(row.tokens)}<span className="unit"> tokens</span></>}
      </span>
      <span className="number cost">{row.cost === null ? "" : dollarsOrDash(row.cost)}</span>
    </div>
  );
}

function Label({ row, onOpen }: { row: Row; onOpen: (row: Row) => void }) {
  const title = `${row.name}, ${exactTime(new Date(row.from).toISOString())}`;
  const badge = badgeOf(row);
  return (
    <span className="label" style={{ paddingInlineStart: `${Math.min(row.depth, MAX_INDENTS) * INDENT_PX}px` }}>
      {row.call ? (
        <button type="button" onClick={() => onOpen(row)} title={title}>{row.name}</button>
      ) : (
        <span title={title}>{row.kind === "agent" ? `Sub-agent ${row.name}` : row.name}</span>
      )}
      {row.startedAgents && <span className="started faint">→ {row.startedAgents}</span>}
      {badge && <span className="outcome">{badge}</span>}
    </span>
  );
}

function share(position: number): string {
  return `${position * 100}%`;
}

function shownDuration(row: Row): string {
  return callDuration(row.call && row.outcome !== "running" ? durationOf(row.call) : row.to - row.from);
}

function isFailed({ outcome }: Row): boolean {
  return outcome === "error" || outcome === "denied" || outcome === "interrupted";
}

function badgeOf({ outcome, call }: Row): string {
  if (outcome === "error") return call?.error_category ? spaced(call.error_category) : "failed";
  return outcome === "success" ? "" : outcome;
}
