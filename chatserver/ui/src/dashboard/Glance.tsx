// The key figures.
import { integer, percent } from "../shared/format";
import { dollarsOrDash, perMinute, ratePercent } from "./format";
import type { Snapshot } from "./snapshot";
import { SPAN_NAMES, type Span } from "./SpanNote";
import { Sparkline } from "./Sparkline";

export function Glance({ snapshot, span }: { snapshot: Snapshot; span: Span }) {
  const { sessions, tools } = snapshot;
  const calls = tools[span].calls.reduce((sum, number) => sum + number, 0);
  return (
    <section className="glance" aria-labelledby="glance-title">
      <h2 id="glance-title" className="visually-hidden">At a glance</h2>
      <dl>
        <Tasks snapshot={snapshot} />
        <Figure name="Active sessions" value={integer(sessions.active)} note={`${integer(sessions.idle)} idle`} />
        <Figure name="Tool calls" value={integer(calls)} note={SPAN_NAMES[span]} />
        <Figure name="Error rate" value={ratePercent(tools[span].error_rate)} note={`of calls, ${SPAN_NAMES[span]}`} />
        <div className="figure wide">
          <dt>Calls per minute</dt>
          <dd>
            <b>{perMinute(snapshot.calls_per_minute)}</b>
            <Sparkline counts={tools["1h"].calls} failures={tools["1h"].errors} label="Tool calls per minute in the last hour" />
          </dd>
        </div>
        <Figure name="Cost" value={dollarsOrDash(snapshot.cost_24h)} note={SPAN_NAMES["24h"]} />
        <Budget name="Cost today" spent={snapshot.cost_today} budget={snapshot.budget_day} />
        <Budget name="Cost this month" spent={snapshot.cost_month} budget={snapshot.budget_month} />
      </dl>
    </section>
  );
}

/** The figures of tasks, for those who have any. */
function Tasks({ snapshot }: { snapshot: Snapshot }) {
  const { active_tasks: active, pending_tasks: pending, completed_tasks_24h: completed, failed_tasks_24h: failed } = snapshot;
  if (active + pending + completed + failed + snapshot.stopped_tasks_24h === 0) return null;
  return (
    <>
      <Figure name="Active tasks" value={integer(active)} note={`${integer(pending)} pending`} />
      <Figure name="Completed tasks" value={integer(completed)} note={SPAN_NAMES["24h"]} />
      <Figure name="Failed tasks" value={integer(failed)} note={SPAN_NAMES["24h"]} tone={failed ? "bad" : ""} />
    </>
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
  if (budget === null || spent === null) return <Figure name={name} value={dollarsOrDash(spent)} note="no budget" />;
  const used = budget ? spent / budget : 1;
  return (
    <div className={`figure ${used > 1 ? "bad" : ""}`}>
      <dt>{name}</dt>
      <dd>
        <b>{dollarsOrDash(spent)}</b>
        <span className="faint">{percent(used)} of {dollarsOrDash(budget)}</span>
        <meter value={Math.min(used, 1)} high={0.8} optimum={0} aria-label={`${name}: budget used`} />
      </dd>
    </div>
  );
}
