// What was spent over time, by model and by project.
import { dollars } from "../shared/format";
import { CostChart } from "./CostChart";
import type { CostRange, Range } from "./snapshot";

const SPANS = { "1h": "last hour, by the quarter", "24h": "last 24 h, by the hour", "7d": "last 7 days", "30d": "last 30 days" };

export function Costs({ costs, range }: { costs: CostRange | undefined; range: Range }) {
  return (
    <section className="panel costs" aria-labelledby="costs-title">
      <header>
        <h2 id="costs-title">Cost</h2>
        <span className="faint">{SPANS[range]}</span>
        {costs && <b className="total">{dollars(costs.cost_usd)}</b>}
      </header>
      {costs && costs.cost_usd > 0 ? (
        <div className="pair">
          <CostChart title="By model" costs={costs} series={costs.by_model} />
          <CostChart title="By project" costs={costs} series={costs.by_project} />
        </div>
      ) : <p className="nothing">Nothing was spent in this time, as far as the transcripts tell.</p>}
    </section>
  );
}
