// The timeline of a session: its calls and events as rows on a time axis; each opens to its details.
import { useEffect, useMemo, useRef, useState } from "react";
import { exactTime } from "../shared/format";
import { useMedia } from "../shared/hooks";
import { tokensOf } from "./attribution";
import { CallDialog } from "./CallDialog";
import { Cost } from "./Cost";
import { EventDialog } from "./EventDialog";
import { callDuration, clockTime, clockTimeWithTenths, compact, date, dateAndTime, dollarsOrDash, spaced } from "./format";
import { Gaps } from "./Gaps";
import { Lanes } from "./Lanes";
import { Rows } from "./Rows";
import { scaleOf, type Scale } from "./scale";
import { TimelineLegend } from "./TimelineLegend";
import { durationOf, firstError, firstOfDays, isFailed, nearestTo, timelineRows, type Row, type TimelineData } from "./timelineRows";

interface Props extends Omit<TimelineData, "now" | "costBefore" | "unpricedBefore"> {
  /** The id of the session. */
  session: string;
  costBefore?: number;
  unpricedBefore?: number;
  loadedAt: number;
  /** The time of the row to show first. */
  at?: string | null;
  isLoading?: boolean;
}

/** A row to scroll to and to mark; another object for each request to do so. */
interface Target {
  row: Row;
}

const FILTERS = { all: "All", failed: "Failed or denied" };
const INDENT_PX = 14;
const MAX_INDENTS = 6;

export function Timeline({
  session, calls, events, requests, costBefore = 0, unpricedBefore = 0, loadedAt, at = null, isLoading = false,
}: Props) {
  const [isFailedOnly, setFailedOnly] = useState(false);
  const [open, setOpen] = useState<Row | null>(null);
  const [chosen, setChosen] = useState<Target | null>(null);
  const isNarrow = useMedia("(max-width: 48rem)");
  const all = useMemo(
    () => timelineRows({ calls, events, requests, costBefore, unpricedBefore, now: loadedAt }),
    [calls, events, requests, costBefore, unpricedBefore, loadedAt],
  );
  const scale = useMemo(() => scaleOf(all), [all]);
  const named = at ? all[nearestTo(Date.parse(at), all)] : undefined;
  const linked = useMemo(() => (named ? { row: named } : null), [named?.key]);
  const target = chosen ?? linked;
  const failed = useMemo(() => all.filter(isFailed), [all]);
  const rows = isFailedOnly ? failed : all;
  const shownTarget = useMemo(() => placeOf(target, rows), [target, rows]);
  const startsDay = useMemo(() => firstOfDays(rows), [rows]);
  const errorRow = all[firstError(all)];
  const jumpTo = (row: Row) => {
    setFailedOnly(false);
    setChosen({ row });
  };
  return (
    <section className={`panel timeline ${scale.spansDays ? "days" : ""}`} aria-labelledby="timeline-title">
      <header>
        <h2 id="timeline-title">Timeline</h2>
        {isLoading && <span className="faint" role="status">Loading the rest…</span>}
        {errorRow && <button type="button" className="button small" onClick={() => jumpTo(errorRow)}>First error</button>}
        <fieldset className="options">
          <legend className="visually-hidden">Filter rows</legend>
          {Object.entries(FILTERS).map(([name, text]) => (
            <label key={name}>
              <input
                type="radio" name="calls" checked={isFailedOnly === (name === "failed")}
                onChange={() => setFailedOnly(name === "failed")}
              />
              <span>{text} {name === "failed" ? failed.length : all.length}</span>
            </label>
          ))}
        </fieldset>
      </header>
      <Axis scale={scale} />
      <Lanes rows={all} scale={scale} onJump={jumpTo} />
      <TimelineLegend rows={all} scale={scale} />
      {rows.length === 0 ? <p className="placeholder">{isFailedOnly ? "Nothing failed or was denied." : NOTHING}</p> : (
        <Rows rows={rows} height={isNarrow ? 48 : 28} keyOf={({ key }) => key} role="list" label="Rows" target={shownTarget}>
          {(row) => (
            <Line
              row={row} scale={scale} isTarget={row.key === target?.row.key} onOpen={setOpen}
              hasDate={scale.spansDays && (!isNarrow || startsDay.has(row.key))}
            />
          )}
        </Rows>
      )}
      {open?.call && <CallDialog row={open} call={open.call} onClose={() => setOpen(null)} />}
      {open && !open.call && <EventDialog row={open} session={session} onClose={() => setOpen(null)} />}
    </section>
  );
}

const NOTHING = "No call and no prompt yet. Send the session a prompt; its rows appear here within seconds.";

function placeOf(target: Target | null, rows: readonly Row[]): { place: number } | null {
  const place = target ? rows.findIndex(({ key }) => key === target.row.key) : -1;
  return place < 0 ? null : { place };
}

function Axis({ scale }: { scale: Scale }) {
  const labelOf = scale.spansDays ? dateAndTime : scale.needsTenths ? clockTimeWithTenths : clockTime;
  return (
    <div className="axis" aria-hidden="true">
      <div className="lane">
        {scale.ticks.map(({ position, time }) => (
          <span key={position} style={{ left: share(position) }}>{labelOf(time)}</span>
        ))}
      </div>
      {["Duration", "Tokens", "Cost", "Total"].map((name) => <span key={name} className="number">{name}</span>)}
    </div>
  );
}

interface LineProps {
  row: Row;
  scale: Scale;
  isTarget: boolean;
  hasDate: boolean;
  onOpen: (row: Row) => void;
}

function Line({ row, scale, isTarget, hasDate, onOpen }: LineProps) {
  const start = scale.positionOf(row.began);
  const width = scale.positionOf(row.to) - start;
  const { request, total, unpriced } = row.spent ?? { request: null, total: null, unpriced: 0 };
  return (
    <div className={`call ${row.kind === "call" ? "tool" : row.kind} ${row.outcome}${isTarget ? " target" : ""}`} aria-current={isTarget || undefined} onClick={() => onOpen(row)}>
      <Label row={row} isTarget={isTarget} hasDate={hasDate} />
      <span className="lane" aria-hidden="true">
        <Gaps scale={scale} />
        <i className="bar" style={{ left: share(start), width: share(width) }} />
      </span>
      <span className="number duration">{shownDuration(row)}</span>
      <span className="number tokens" title={request ? `${tokensOf(request)} tokens` : undefined}>
        {request && <>{compact(tokensOf(request))}<span className="unit"> tokens</span></>}
      </span>
      <span className="number cost">{request && dollarsOrDash(request.cost_usd)}</span>
      <span className="number total" title="Cost of the session up to here">{request && <Cost usd={total} unpriced={unpriced} />}</span>
    </div>
  );
}

function Label({ row, isTarget, hasDate }: { row: Row; isTarget: boolean; hasDate: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isTarget) button.current?.focus({ preventScroll: true });
  }, [isTarget]);
  const badge = badgeOf(row);
  const title = [row.name, row.subject, exactTime(new Date(row.from).toISOString())].filter(Boolean).join(", ");
  return (
    <span className="label">
      <time className="clock faint" dateTime={new Date(row.from).toISOString()}>
        {hasDate && <span className="date">{date(row.from)}</span>}
        <span className="time">{clockTime(row.from)}</span>
      </time>
      <button
        ref={button} type="button" title={title} aria-haspopup="dialog"
        style={{ marginInlineStart: `${Math.min(row.depth, MAX_INDENTS) * INDENT_PX}px` }}
      >
        <span className="name">{row.name}</span>
        {row.subject && <span className="subject">{row.subject}</span>}
      </button>
      {row.startedAgents && <span className="started faint">→ {row.startedAgents}</span>}
      {badge && <span className="outcome">{badge}</span>}
    </span>
  );
}

function share(position: number): string {
  return `${position * 100}%`;
}

function shownDuration(row: Row): string {
  if (row.call) return callDuration(row.outcome === "running" ? row.to - row.began : durationOf(row.call));
  return row.to > row.from ? callDuration(row.to - row.from) : "";
}

function badgeOf({ outcome, call, kind, event }: Row): string {
  if (kind === "permission") return event?.detail === "running" ? "waiting or running" : "";
  if (outcome === "error") return call?.error_category ? spaced(call.error_category) : "failed";
  return outcome === "success" ? "" : outcome;
}
