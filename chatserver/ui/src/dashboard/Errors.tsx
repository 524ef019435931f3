// Failed calls by error category, and the latest errors.
import "./errors.css";
import { useState } from "react";
import { integer } from "../shared/format";
import { Time } from "../shared/Time";
import type { Figures } from "./figures";
import { spaced } from "./format";
import { RangeNote } from "./RangeNote";
import { RouteLink } from "./RouteLink";
import { missingErrors, type ErrorList } from "./latestErrors";
import type { LatestError } from "./snapshot";

export function Errors({ figures, latest }: { figures: Figures; latest: ErrorList }) {
  const { tools } = figures;
  const [selected, setSelected] = useState("");
  const max = Math.max(1, ...tools.categories.map(({ count }) => count));
  const missing = tools.categories.length > 0 && missingErrors(latest);
  const shown = latest.errors.filter(({ category }) => !selected || category === selected);
  return (
    <section className="panel errors" aria-labelledby="errors-title">
      <header>
        <h2 id="errors-title">Errors</h2>
        <RangeNote figures={figures} />
      </header>
      {tools.categories.length === 0 && <p className="placeholder">No failed tool calls in this range; nothing to do.</p>}
      <ul className="categories">
        {tools.categories.map(({ category, count }) => (
          <li key={category}>
            <button
              type="button" aria-pressed={category === selected}
              onClick={() => setSelected(category === selected ? "" : category)}
            >
              <span className="name">{spaced(category)}</span>
              <span className="share" aria-hidden="true"><i style={{ width: `${(100 * count) / max}%` }} /></span>
              <span className="number">{integer(count)}</span>
            </button>
          </li>
        ))}
      </ul>
      {latest.errors.length > 0 && <h3>{selected ? `Latest: ${spaced(selected)}` : "Latest"}</h3>}
      {selected && shown.length === 0 && <p className="placeholder">None of the latest errors are in this category. Choose another one, or open a session to see all of its errors.</p>}
      <ol className="latest scrolling" tabIndex={0} aria-label="Latest errors">
        {shown.map((error) => <LatestErrorItem key={`${error.ended_at} ${error.session_uuid} ${error.tool}`} error={error} />)}
      </ol>
      {missing && <p className="missing-errors faint" role="status">{missing}</p>}
    </section>
  );
}

function LatestErrorItem({ error }: { error: LatestError }) {
  return (
    <li>
      <p className="facts faint">
        <Time at={error.ended_at} />
        <span>{error.tool}</span>
        <span>{spaced(error.category)}</span>
        <RouteLink to={{ session: error.session_uuid }}>{error.project || error.session_uuid.slice(0, 8)}</RouteLink>
      </p>
      <p className="error-text" title={error.error}>{error.error || "No error message."}</p>
    </li>
  );
}
