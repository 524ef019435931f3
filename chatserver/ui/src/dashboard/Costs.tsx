// Costs over time, by model and by project.
import { dollars } from "../shared/format";
import { CostChart } from "./CostChart";
import { Doctor } from "./Doctor";
import type { CostRange, Range } from "./snapshot";

const INTERVALS: Record<Range, string> = {
  "1h": "last hour, per 15 minutes",
  "24h": "last 24 h, per hour",
  "7d": "last 7 days, per 6 hours",
  "30d": "last 30 days, per day",
};

export function Costs({ costs, range }: { costs: CostRange | undefined; range: Range }) {
  return (
    <section className="panel costs" aria-labelledby="costs-title">
      <header>
        <h2 id="costs-title">Cost</h2>
        <span className="faint">{INTERVALS[range]}</span>
        {costs && <b className="total">{dollars(costs.cost_usd)}</b>}
      </header>
      {costs && costs.cost_usd > 0 ? (
        <div className="pair">
          <CostChart title="By model" costs={costs} series={costs.by_model} />
          <CostChart title="By project" costs={costs} series={costs.by_project} />
        </div>
      ) : <p className="placeholder">The transcripts show no costs in the selected range. Select a longer one, or let <Doctor /> check that they are found.</p>}
    </section>
  );
}
