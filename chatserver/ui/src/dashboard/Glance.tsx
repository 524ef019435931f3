// The key figures; what of budgets and quotas is used is a panel of its own.
import type { ReactNode } from "react";
import { integer } from "../shared/format";
import { ChartTablePopover } from "./ChartTable";
import { compact, DASH, perMinute, ratePercent, slotNames } from "./format";
import type { Figures } from "./figures";
import { Change, type Compared } from "./Change";
import { Cost } from "./Cost";
import type { Snapshot, ToolRange } from "./snapshot";
import { Sparkline } from "./Sparkline";

const LAST_HOUR = "Tool calls per minute in the last hour";

export function Glance({ snapshot, figures, compared }: { snapshot: Snapshot; figures: Figures; compared: Compared }) {
  const { sessions } = snapshot;
  const { tools, cost, unpriced, words } = figures;
  const lastHour = snapshot.tools["1h"];
  const [calls = 0, failed = 0] = [tools.calls, tools.errors].map((slots) => slots.reduce((sum, number) => sum + number, 0));
  const tokens = compared.comparison?.current.tokens ?? null;
  return (
    <section className="glance" aria-labelledby="glance-title">
      <h2 id="glance-title" className="visually-hidden">At a glance</h2>
      <dl>
        <Tasks snapshot={snapshot} figures={figures} />
        <Figure name="Active sessions" value={integer(sessions.active)} note={`${integer(sessions.idle)} idle`} />
        <Figure name="Tool calls" value={integer(calls)} note={<Change of="calls" in={compared} otherwise={words} />} />
        <Figure name="Failed calls" value={integer(failed)} note={<Change of="failed_calls" in={compared} otherwise={words} />} />
        <Figure
          name="Error rate" value={ratePercent(tools.error_rate)}
          note={<Change of="error_rate" in={compared} otherwise={`of finished calls, ${words}`} />}
        />
        <Figure name="Cost" value={<Cost usd={cost} unpriced={unpriced} />} note={<Change of="cost_usd" in={compared} otherwise={words} />} />
        <Figure
          name="Tokens" value={tokens === null ? DASH : compact(tokens)}
          note={<Change of="tokens" in={compared} otherwise={words} />}
        />
        <div className="figure">
          <dt>Calls per minute</dt>
          <dd>
            <b>{perMinute(snapshot.calls_per_minute)}</b>
            <ChartTablePopover label={LAST_HOUR} head={["From", "Calls", "Failed"]} rows={() => minutesOf(lastHour)}>
              <Sparkline counts={lastHour.calls} failures={lastHour.errors} label={LAST_HOUR} />
            </ChartTablePopover>
          </dd>
        </div>
      </dl>
    </section>
  );
}

/** Each minute with its calls, the last one first. */
function minutesOf({ calls, errors, starts_at: startsAt, slot_seconds: slotSeconds }: ToolRange): string[][] {
  const nameOf = slotNames(Date.parse(startsAt), slotSeconds, calls.length);
  return calls.map((number, slot) => [nameOf(slot), integer(number), integer(errors[slot] ?? 0)]).toReversed();
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

function Figure({ name, value, note, tone = "" }: { name: string; value: ReactNode; note: ReactNode; tone?: string }) {
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
