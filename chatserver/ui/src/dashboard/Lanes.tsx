// The agents of a session as lanes on the axis of its timeline; each mark leads to its row.
import { useMemo } from "react";
import { callDuration, counted } from "./format";
import { lanesOf, type Lane } from "./lanes";
import type { Scale } from "./scale";
import type { Row } from "./timelineRows";

interface Props {
  rows: readonly Row[];
  scale: Scale;
  onJump: (row: Row) => void;
}

const MARKS: readonly [kind: string, name: string][] = [
  ["prompt", "Prompt"], ["permission", "Waits for permission"], ["compaction", "Compaction"], ["api_error", "API error"],
  ["failed", "Failed call"],
];

export function Lanes({ rows, scale, onJump }: Props) {
  const { lanes, others } = useMemo(() => lanesOf(rows), [rows]);
  if (lanes.length === 0) return null;
  const shown = MARKS.filter(([kind]) => lanes.some(({ marks }) => marks.some((mark) => kindOf(mark) === kind)));
  return (
    <div className="lanes">
      <ul aria-label="Agents">
        {lanes.map((lane) => <LaneRow key={lane.agentId} lane={lane} scale={scale} onJump={onJump} />)}
      </ul>
      <p className="legend faint">
        {shown.map(([kind, name]) => <span key={kind}><i className={`mark ${kind}`} aria-hidden="true" />{name}</span>)}
        {others > 0 && <span>and {counted(others, "more agent")} below</span>}
      </p>
    </div>
  );
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
        {scale.gaps.map(({ position, width }) => <i key={position} className="gap" style={placed(position, width)} />)}
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
  return [name, subject, to > from ? callDuration(to - from) : ""].filter(Boolean).join(", ");
}

function between({ began, to }: Row, scale: Scale) {
  const start = scale.positionOf(began);
  return placed(start, scale.positionOf(to) - start);
}

function placed(position: number, width: number) {
  return { left: `${position * 100}%`, width: `${width * 100}%` };
}
