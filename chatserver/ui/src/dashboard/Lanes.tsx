// The agents of a session as lanes on the axis of its timeline; each mark leads to its row.
import { useMemo } from "react";
import { exactTime, integer } from "../shared/format";
import { ChartTable } from "./ChartTable";
import { callDuration, clockTime, counted, dateAndTime } from "./format";
import { Gaps } from "./Gaps";
import { lanesOf, type Lane } from "./lanes";
import type { Scale } from "./scale";
import type { Row } from "./timelineRows";

interface Props {
  rows: readonly Row[];
  scale: Scale;
  onJump: (row: Row) => void;
}

const HEAD = ["Agent", "Calls", "Failed", "Denied or interrupted", "Waits for people", "From", "To"];

export function Lanes({ rows, scale, onJump }: Props) {
  const { lanes, others } = useMemo(() => lanesOf(rows), [rows]);
  if (lanes.length === 0) return null;
  return (
    <div className="lanes">
      <ul aria-label="Agents">
        {lanes.map((lane) => <LaneRow key={lane.agentId} lane={lane} scale={scale} onJump={onJump} />)}
      </ul>
      <ChartTable label="What each agent did" head={HEAD} rows={() => lanes.map((lane) => cellsOf(lane, scale))} />
      {others > 0 && <p className="others faint">and {counted(others, "more agent")} below</p>}
    </div>
  );
}

function cellsOf({ name, count, failed, refused, waits, from, to }: Lane, { spansDays }: Scale): string[] {
  const at = spansDays ? dateAndTime : clockTime;
  return [name, ...[count, failed, refused, waits].map(integer), at(from), at(to)];
}

function LaneRow({ lane, scale, onJump }: { lane: Lane; scale: Scale; onJump: (row: Row) => void }) {
  const { name, first, count, calls, marks } = lane;
  return (
    <li className="lane-row">
      <span className="label">
        <button type="button" onClick={() => onJump(first)} title={`Jump to the first row of ${name}`}>{name}</button>
        <span className="faint">{counted(count, "call")}</span>
      </span>
      <span className="lane" aria-hidden="true">
        <Gaps scale={scale} />
        {calls.map((row) => <i key={row.key} className={`block ${row.outcome}`} style={between(row, scale)} />)}
        {marks.map((row) => (
          <i
            key={row.key} className={`mark ${kindOf(row)}`} style={{ left: `${scale.positionOf(row.began) * 100}%` }}
            title={titleOf(row)} onClick={() => onJump(row)}
          />
        ))}
      </span>
    </li>
  );
}

function kindOf({ kind, outcome }: Row): string {
  if (kind === "call") return outcome === "error" ? "failed" : outcome;
  return kind === "fallback" ? "api_error" : kind;
}

function titleOf({ name, subject, from, to }: Row): string {
  return [name, subject, exactTime(new Date(from).toISOString()), to > from ? callDuration(to - from) : ""].filter(Boolean).join(", ");
}

function between({ began, to }: Row, scale: Scale) {
  const start = scale.positionOf(began);
  return { left: `${start * 100}%`, width: `${(scale.positionOf(to) - start) * 100}%` };
}
