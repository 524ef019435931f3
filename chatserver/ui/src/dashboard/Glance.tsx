// The key figures; what of budgets and quotas is used is a panel of its own.
import { integer } from "../shared/format";
import { dollarsOrDash, perMinute, ratePercent } from "./format";
import type { Figures } from "./figures";
import type { Snapshot } from "./snapshot";
import { Sparkline } from "./Sparkline";

export function Glance({ snapshot, figures }: { snapshot: Snapshot; figures: Figures }) {
  const { sessions } = snapshot;
  const { tools, cost, words } = figures;
  const lastHour = snapshot.tools["1h"];
  const calls = tools.calls.reduce((sum, number) => sum + number, 0);
  return (
    <section className="glance" aria-labelledby="glance-title">
      <h2 id="glance-title" className="visually-hidden">At a glance</h2>
      <dl>
        <Tasks snapshot={snapshot} figures={figures} />
        <Figure name="Active sessions" value={integer(sessions.active)} note={`${integer(sessions.idle)} idle`} />
        <Figure name="Tool calls" value={integer(calls)} note={words} />
        <Figure name="Error rate" value={ratePercent(tools.error_rate)} note={`of calls, ${words}`} />
        <Figure name="Cost" value={dollarsOrDash(cost)} note={words} />
        <div className="figure">
          <dt>Calls per minute</dt>
          <dd>
            <b>{perMinute(snapshot.calls_per_minute)}</b>
            <Sparkline counts={lastHour.calls} failures={lastHour.errors} label="Tool calls per minute in the last hour" />
          </dd>
        </div>
      </dl>
    </section>
  );
}

/** The figures of tasks, for those who have any. */
function Tasks({ snapshot, figures }: { snapshot: Snapshot; figures: Figures }) {
  const { active_tasks: active, pending_tasks: pending } = snapshot;
  const { tasks: { completed, failed, stopped }, words } = figures;
  if (active + pending + completed + failed + stopped === 0) return null;
  return (
    <>
      <Figure name="Active tasks" value={integer(active)} note={`${integer(pending)} pending`} />
      <Figure name="Completed tasks" value={integer(completed)} note={words} />
      <Figure name="Failed tasks" value={integer(failed)} note={words} tone={failed ? "bad" : ""} />
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
