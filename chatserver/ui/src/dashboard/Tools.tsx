// Tools used: calls, success rate, durations, and calls over time.
import { useState } from "react";
import { integer } from "../shared/format";
import { Swatch } from "../shared/Swatch";
import { ChartTable } from "./ChartTable";
import { callDuration, ratePercent, slotNames } from "./format";
import type { Figures } from "./figures";
import { RangeNote } from "./RangeNote";
import type { ToolFigures, ToolRange } from "./snapshot";
import { Sparkline } from "./Sparkline";

const COLLAPSED_ROWS = 12;
const MIN_GOOD_SUCCESS_RATE = 0.9;
const NONE: number[] = [];

export function Tools({ figures }: { figures: Figures }) {
  const { tools } = figures;
  const [isExpanded, setExpanded] = useState(false);
  const all = Object.entries(tools.performance);
  const shown = isExpanded ? all : all.slice(0, COLLAPSED_ROWS);
  return (
    <section className="panel tools" aria-labelledby="tools-title">
      <header>
        <h2 id="tools-title">Tools used</h2>
        <RangeNote figures={figures} />
      </header>
      {all.length === 0 ? <p className="placeholder">No completed tool calls in this range. They appear as soon as an agent uses a tool.</p> : (
        <div className="scroll" tabIndex={0} role="region" aria-label="Tools used, table">
          <table>
            <thead>
              <tr>
                <th scope="col">Tool</th>
                <th scope="col" className="number">Calls</th>
                <th scope="col" className="number">Success</th>
                <th scope="col" className="number">p50</th>
                <th scope="col" className="number">p95</th>
                <th scope="col" className="spark">Trend</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(([tool, figures]) => (
                <Row key={tool} tool={tool} figures={figures} counts={tools.series[tool] ?? NONE} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {all.length > 0 && <CallsOverTime tools={tools} />}
      {all.length > COLLAPSED_ROWS && (
        <button type="button" className="button plain small" onClick={() => setExpanded(!isExpanded)}>
          {isExpanded ? "Show fewer" : `Show all ${all.length}`}
        </button>
      )}
    </section>
  );
}

/** The numbers of all trends. */
function CallsOverTime({ tools: { series, starts_at: startsAt, slot_seconds: slotSeconds, calls } }: { tools: ToolRange }) {
  const names = Object.keys(series);
  const nameOf = slotNames(Date.parse(startsAt), slotSeconds, calls.length);
  return (
    <ChartTable
      label="Calls over time" head={["From", ...names]}
      rows={() => calls.map((_, slot) => [nameOf(slot), ...names.map((name) => integer(series[name]?.[slot] ?? 0))])}
    />
  );
}

function Row({ tool, figures, counts }: { tool: string; figures: ToolFigures; counts: number[] }) {
  const isPoor = figures.success_rate !== null && figures.success_rate < MIN_GOOD_SUCCESS_RATE;
  return (
    <tr>
      <th scope="row" className="name" title={tool}><Swatch name={tool} />{tool}</th>
      <td className="number">{integer(figures.calls)}<Unit text=" calls" /></td>
      <td className={`number ${isPoor ? "bad" : ""}`}>{ratePercent(figures.success_rate)}<Unit text=" ok" /></td>
      <td className="number"><Unit text="p50 " />{callDuration(figures.p50_ms)}</td>
      <td className="number"><Unit text="p95 " />{callDuration(figures.p95_ms)}</td>
      <td className="spark">{counts.length > 0 && <Sparkline counts={counts} name={tool} label={`Calls of ${tool} over time`} />}</td>
    </tr>
  );
}

/** What a number is, where rows are stacked and the column has no visible header. */
function Unit({ text }: { text: string }) {
  return <span className="unit" aria-hidden="true">{text}</span>;
}
