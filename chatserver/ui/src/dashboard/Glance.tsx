// The figures that one looks at first.
import { Columns } from "./Columns";
import { money, percent, rate, whole } from "./figures";
import type { Snapshot } from "./snapshot";

export function Glance({ snapshot, span }: { snapshot: Snapshot; span: "1h" | "24h" }) {
  const { sessions, tools } = snapshot;
  const ran = tools[span];
  const failed = snapshot.failed_tasks_24h;
  return (
    <section className="glance" aria-labelledby="glance-title">
      <h2 id="glance-title" className="visually-hidden">At a glance</h2>
      <dl>
        <Figure name="Active tasks" value={whole(snapshot.active_tasks)} note={`${whole(snapshot.pending_tasks)} waiting`} />
        <Figure name="Active sessions" value={whole(sessions.active)} note={`${whole(sessions.idle)} idle`} />
        <Figure name="Completed" value={whole(snapshot.completed_tasks_24h)} note="tasks in 24 h" />
        <Figure name="Failed" value={whole(failed)} note="tasks in 24 h" tone={failed ? "bad" : ""} />
        <Figure name="Error rate" value={percent(ran.error_rate)} note={`of calls in ${span === "1h" ? "1 h" : "24 h"}`} />
        <div className="figure wide">
          <dt>Calls per minute</dt>
          <dd>
            <b>{rate(snapshot.calls_per_minute)}</b>
            <Columns series={tools["1h"].calls} bad={tools["1h"].errors} label="Tool calls in each minute of the last hour" />
          </dd>
        </div>
        <Figure name="Cost in 24 h" value={money(snapshot.cost_24h)} note="all agents" />
        <Budget name="Cost today" spent={snapshot.cost_today} budget={snapshot.budget_day} />
        <Budget name="Cost this month" spent={snapshot.cost_month} budget={snapshot.budget_month} />
      </dl>
    </section>
  );
}

function Figure({ name, value, note, tone = "" }: { name: string; value: string; note: string; tone?: string }) {
  return (
    <div className={`figure ${tone}`}>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <span className="faint">{note}</span>
      </dd>
    </div>
  );
}

function Budget({ name, spent, budget }: { name: string; spent: number | null; budget: number | null }) {
  if (budget === null || spent === null) return <Figure name={name} value={money(spent)} note="no budget" />;
  const share = budget ? spent / budget : 1;
  return (
    <div className={`figure ${share > 1 ? "bad" : ""}`}>
      <dt>{name}</dt>
      <dd>
        <b>{money(spent)}</b>
        <span className="faint">{whole(Math.round(share * 100))} % of {money(budget)}</span>
        <meter value={Math.min(share, 1)} high={0.8} optimum={0} aria-label={`${name}: share of the budget`} />
      </dd>
    </div>
  );
}
