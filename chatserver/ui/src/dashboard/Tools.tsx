// Each tool: how often, how well, how long, and when.
import { useState } from "react";
import { Columns } from "./Columns";
import { percent, took, whole } from "./figures";
import type { ToolFigures, ToolRange } from "./snapshot";

const FIRST = 12;
const NONE: number[] = [];

interface Props {
  tools: ToolRange;
  span: "1h" | "24h";
  isShorter: boolean;
}

export function Tools({ tools, span, isShorter }: Props) {
  const [isWhole, setWhole] = useState(false);
  const all = Object.entries(tools.performance);
  const shown = isWhole ? all : all.slice(0, FIRST);
  return (
    <section className="panel tools" aria-labelledby="tools-title">
      <header>
        <h2 id="tools-title">Tools</h2>
        <SpanNote span={span} isShorter={isShorter} />
      </header>
      {all.length === 0 ? <p className="nothing">No tool call has ended in this time.</p> : (
        <div className="scroll" tabIndex={0} role="region" aria-label="Tools, as a table">
          <table>
            <thead>
              <tr>
                <th scope="col">Tool</th>
                <th scope="col" className="number">Calls</th>
                <th scope="col" className="number">Success</th>
                <th scope="col" className="number">p50</th>
                <th scope="col" className="number">p95</th>
                <th scope="col" className="spark">Last {span === "1h" ? "hour" : "24 h"}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(([tool, figures]) => (
                <Row key={tool} tool={tool} figures={figures} series={tools.series[tool] ?? NONE} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {all.length > FIRST && (
        <button type="button" className="button plain small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${all.length}`}
        </button>
      )}
    </section>
  );
}

function Row({ tool, figures, series }: { tool: string; figures: ToolFigures; series: number[] }) {
  const isPoor = figures.success_rate !== null && figures.success_rate < 0.9;
  return (
    <tr>
      <th scope="row" className="name" title={tool}>{tool}</th>
      <td className="number">{whole(figures.calls)}</td>
      <td className={`number ${isPoor ? "bad" : ""}`}>{percent(figures.success_rate)}</td>
      <td className="number">{took(figures.p50_ms)}</td>
      <td className="number">{took(figures.p95_ms)}</td>
      <td className="spark">{series.length > 0 && <Columns series={series} label={`Calls of ${tool}`} />}</td>
    </tr>
  );
}

export function SpanNote({ span, isShorter }: { span: "1h" | "24h"; isShorter: boolean }) {
  const text = span === "1h" ? "last hour" : "last 24 h";
  if (!isShorter) return <span className="faint">{text}</span>;
  return (
    <span className="faint" title="What is longer ago is in Prometheus, and on the Grafana dashboards.">
      {text}: single calls are kept for no longer here
    </span>
  );
}
