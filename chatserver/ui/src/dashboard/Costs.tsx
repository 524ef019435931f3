// Costs over time, by model and by project.
import { Cost, missing } from "./Cost";
import { CostChart } from "./CostChart";
import { Doctor } from "./Doctor";
import type { Figures } from "./figures";

const HOUR = 3600;

export function Costs({ figures }: { figures: Figures }) {
  const { costs, words } = figures;
  return (
    <section className="panel costs" aria-labelledby="costs-title">
      <header>
        <h2 id="costs-title">Cost</h2>
        <span className="faint">{words}{costs && `, per ${interval(costs.slot_seconds)}`}</span>
        {costs && <b className="total"><Cost usd={costs.cost_usd} unpriced={costs.unpriced_tokens} unknown="unknown" /></b>}
      </header>
      {costs?.cost_usd ? (
        <div className="pair">
          <CostChart title="By model" costs={costs} series={costs.by_model} />
          <CostChart title="By project" costs={costs} series={costs.by_project} />
        </div>
      ) : costs?.unpriced_tokens ? <p className="placeholder">{missing(costs.unpriced_tokens)}.</p>
        : <p className="placeholder">The transcripts show no costs in the selected range. Select a longer one, or let <Doctor /> check that they are found.</p>}
    </section>
  );
}

/** The length of a slot in words: hour, 6 hours, day, 2 days. */
function interval(seconds: number): string {
  const [length, unit] = seconds % (24 * HOUR) === 0 ? [seconds / (24 * HOUR), "day"] : [seconds / HOUR, "hour"];
  return length === 1 ? unit : `${length} ${unit}s`;
}
