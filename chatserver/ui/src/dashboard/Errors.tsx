// Why calls fail, and the latest that did.
import { useState } from "react";
import { Time } from "../shared/Time";
import { whole, words } from "./figures";
import { Link } from "./Link";
import type { LatestError, ToolRange } from "./snapshot";
import { SpanNote } from "./Tools";

interface Props {
  tools: ToolRange;
  span: "1h" | "24h";
  latest: LatestError[];
  isShorter: boolean;
}

export function Errors({ tools, span, latest, isShorter }: Props) {
  const [chosen, setChosen] = useState("");
  const most = Math.max(1, ...tools.categories.map(({ count }) => count));
  const shown = latest.filter(({ category }) => !chosen || category === chosen);
  return (
    <section className="panel errors" aria-labelledby="errors-title">
      <header>
        <h2 id="errors-title">Errors</h2>
        <SpanNote span={span} isShorter={isShorter} />
      </header>
      {tools.categories.length === 0 && <p className="nothing">No tool call has failed in this time.</p>}
      <ul className="categories">
        {tools.categories.map(({ category, count }) => (
          <li key={category}>
            <button
              type="button" aria-pressed={category === chosen}
              onClick={() => setChosen(category === chosen ? "" : category)}
            >
              <span className="name">{words(category)}</span>
              <span className="share" aria-hidden="true"><i style={{ width: `${(100 * count) / most}%` }} /></span>
              <span className="number">{whole(count)}</span>
            </button>
          </li>
        ))}
      </ul>
      {latest.length > 0 && <h3>{chosen ? `Latest: ${words(chosen)}` : "Latest"}</h3>}
      {chosen && shown.length === 0 && <p className="nothing">None of the latest errors is of this kind.</p>}
      <ol className="latest" tabIndex={0} aria-label="Latest errors">
        {shown.map((error) => (
          <li key={`${error.ended_at} ${error.session_uuid} ${error.tool}`}>
            <p className="facts faint">
              <Time at={error.ended_at} />
              <span>{error.tool}</span>
              <span>{words(error.category)}</span>
              <Link to={{ session: error.session_uuid }}>{error.project || error.session_uuid.slice(0, 8)}</Link>
            </p>
            <p className="said" title={error.error}>{error.error || "It did not say why."}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
