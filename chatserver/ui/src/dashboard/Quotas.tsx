// How much of the subscription's windows and of the budgets is used, and what will be used by their ends.
import type { ReactNode } from "react";
import { CopyButton } from "../shared/CopyButton";
import { duration, exactTime, percent } from "../shared/format";
import { useNow } from "../shared/hooks";
import { Words } from "../shared/Words";
import { Cost } from "./Cost";
import { dollarsOrDash } from "./format";
import { useSetup } from "./setup";
import type { EstimatedUse, PeriodUse, QuotaReport, WindowUse } from "./snapshot";
import "./quotas.css";

const WINDOW_NAMES = { five_hour: "5 hours", seven_day: "7 days" };
const PERIOD_NAMES = { day: "Today", month: "This month" };
const HIGH = 0.8;

export function Quotas({ quota }: { quota: QuotaReport }) {
  const { windows, estimated, periods, spent_last_hour_usd: lastHour, unpriced_tokens_last_hour: unpriced } = quota;
  const now = useNow(true);
  const statusline = `${useSetup()?.install ?? "hookmeter hooks install"} --statusline`;
  if (!windows.length && !estimated && !periods.length) return null;
  return (
    <section className="panel quotas" aria-labelledby="quotas-title">
      <header>
        <h2 id="quotas-title">Quotas and budgets</h2>
        {lastHour !== null && <span className="faint"><Cost usd={lastHour} unpriced={unpriced} /> in the last hour</span>}
      </header>
      <ul>
        {windows.map((window) => <WindowItem key={window.window} window={window} now={now} />)}
        {estimated && <EstimatedItem block={estimated} now={now} />}
        {periods.map((period) => <PeriodItem key={period.period} period={period} />)}
      </ul>
      {!windows.length && (
        <p className="faint">
          Nothing reports the use of a subscription: <code><Words of={statusline} /></code> records it.
          <CopyButton text={statusline} what="the command that records the use of a subscription" />
        </p>
      )}
    </section>
  );
}

function WindowItem({ window, now }: { window: WindowUse; now: number }) {
  const name = WINDOW_NAMES[window.window];
  return (
    <Item name={name} value={percent(window.used)} used={window.used} projected={window.at_reset}>
      <span title={exactTime(window.resets_at)}>resets in {left(window.resets_at, now)}</span>
      {window.exhausted_at
        ? <span className="bad" title={exactTime(window.exhausted_at)}>{exhausted(window.exhausted_at, now)}</span>
        : window.at_reset !== null && <span>{percent(window.at_reset)} by then at this rate</span>}
    </Item>
  );
}

function exhausted(at: string, now: number): string {
  return Date.parse(at) <= now ? "used up" : `used up in ${left(at, now)} at this rate`;
}

function EstimatedItem({ block, now }: { block: EstimatedUse; now: number }) {
  const limit = block.limit_usd;
  const projected = limit && block.at_reset_usd !== null ? block.at_reset_usd / limit : null;
  return (
    <Item
      name="5 hours"
      mark={<abbr title={`The limit is the P90 of what ${block.blocks} earlier blocks of five hours cost.`}>estimate</abbr>}
      value={<Cost usd={block.spent_usd} unpriced={block.unpriced_tokens} unknown="unknown" />}
      used={block.used}
      projected={projected}
    >
      <span>{limit === null ? "limit unknown: too few earlier blocks" : <>of about <Cost usd={limit} unpriced={block.limit_unpriced_tokens} /></>}</span>
      <span title={exactTime(block.resets_at)}>resets in {left(block.resets_at, now)}</span>
    </Item>
  );
}

function PeriodItem({ period }: { period: PeriodUse }) {
  const { budget_usd: budget, forecast_usd: forecast, spent_usd: spent, unpriced_tokens: unpriced, used } = period;
  return (
    <Item
      name={PERIOD_NAMES[period.period]}
      value={<Cost usd={spent} unpriced={unpriced} unknown="unknown" />}
      used={used}
      projected={budget && forecast !== null ? forecast / budget : null}
    >
      <span>{budget === null ? "no budget" : `${shareOf(period)} of ${dollarsOrDash(budget)}`}</span>
      <span className={budget !== null && forecast !== null && forecast > budget ? "bad" : ""}>
        forecast <Cost usd={forecast} unpriced={unpriced} unknown="unknown" />
      </span>
    </Item>
  );
}

/** How much of a budget is used; at least, if the cost of some tokens is unknown. */
function shareOf({ spent_usd: spent, unpriced_tokens: unpriced, used }: PeriodUse): string {
  if (spent === null) return "unknown";
  return `${unpriced ? "≥ " : ""}${percent(used ?? 1)}`;
}

interface ItemProps {
  name: string;
  mark?: ReactNode;
  value: ReactNode;
  used: number | null;
  projected: number | null;
  children: ReactNode;
}

/** A bar of what is used, and behind it of what will be used by the end. */
function Item({ name, mark, value, used, projected, children }: ItemProps) {
  const level = used === null ? "" : used >= 1 ? "over" : used >= HIGH ? "high" : "";
  return (
    <li className={level}>
      <p className="heading"><span>{name} {mark}</span><b>{value}</b></p>
      <div
        className={`gauge ${used === null ? "unlimited" : ""}`}
        role="meter"
        aria-label={`${name}: used`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * Math.min(1, used ?? 0))}
        aria-valuetext={used === null ? "no limit" : percent(used)}
      >
        {projected !== null && <span className="projected" style={{ width: width(projected) }} />}
        {used !== null && <span className="used" style={{ width: width(used) }} />}
      </div>
      <p className="faint details">{children}</p>
    </li>
  );
}

function width(share: number): string {
  return `${100 * Math.min(1, Math.max(0, share))}%`;
}

/** The time until a moment: 3 h 12 min, or 2 d 5 h. */
function left(at: string, now: number): string {
  const milliseconds = Math.max(0, Date.parse(at) - now);
  const hours = Math.floor(milliseconds / 3_600_000);
  return hours < 48 ? duration(Math.max(60_000, milliseconds)) : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
