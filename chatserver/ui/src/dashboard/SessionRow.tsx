// A session in the list; the whole row is the link of its title.
import { useEffect, useRef } from "react";
import { integer } from "../shared/format";
import { Swatch } from "../shared/Swatch";
import { Time } from "../shared/Time";
import { ContextShare } from "./ContextUse";
import { Cost } from "./Cost";
import { callDuration, compact, DASH } from "./format";
import { RouteLink } from "./RouteLink";
import type { ContextNow, ListedSession } from "./snapshot";

const MAKER = "claude-";
const MAX_SWATCHES = 3;

interface Props {
  session: ListedSession;
  /** How full its context is, while it runs. */
  context: ContextNow | null | undefined;
  /** Whether its link is to be focused. */
  isWanted: boolean;
  onFocus: () => void;
}

export function SessionRow({ session, context, isWanted, onFocus }: Props) {
  const { session_uuid: id, error_count: errors, cost_usd: cost, unpriced_tokens: unpriced } = session;
  const tokens = session.tokens;
  const title = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isWanted) return;
    title.current?.querySelector("a")?.focus();
    onFocus(); // also if it has the focus already
  }, [isWanted]);
  const all = tokens.input + tokens.output + tokens.cache_read + tokens.cache_write;
  return (
    <>
      <div ref={title} role="cell" className="title" onFocus={onFocus}>
        <RouteLink to={{ session: id }} title={session.title ? `${session.title}\n${id}` : id}>
          {session.title || <span className="id">{id.slice(0, 8)}</span>}
        </RouteLink>
      </div>
      <div role="cell" className="project" title={session.project}>{session.project || DASH}</div>
      <div role="cell" className="model" title={session.models.join(", ")}>
        {session.models.slice(0, MAX_SWATCHES).map((model) => <Swatch key={model} name={model} />)}
        {modelText(session.models)}
      </div>
      <div role="cell" className={`status ${session.status}`}>
        <span className="dot" aria-hidden="true" />{session.status}
        {context && <ContextShare context={context} />}
      </div>
      <div role="cell" className="number calls">{integer(session.tool_count)}<span className="unit">{session.tool_count === 1 ? " call" : " calls"}</span></div>
      <div role="cell" className={`number failed ${errors ? "bad" : "faint"}`}>{integer(errors)}<span className="unit"> failed</span></div>
      <div role="cell" className="number tokens" title={tokenText(tokens)}>{all ? compact(all) : DASH}<span className="unit"> tokens</span></div>
      <div role="cell" className="number cost" title={cost === null ? "unknown" : undefined}><Cost usd={cost} unpriced={unpriced} /></div>
      <div role="cell" className="number duration">{callDuration(session.duration_ms)}</div>
      <div role="cell" className="number last_activity"><Time at={session.last_activity_at} /></div>
    </>
  );
}

/** The most expensive model without its maker, and the number of others. */
function modelText(models: readonly string[]): string {
  const [first, ...others] = models;
  if (!first) return DASH;
  const name = first.startsWith(MAKER) ? first.slice(MAKER.length) : first;
  return others.length ? `${name} +${others.length}` : name;
}

function tokenText({ input, output, cache_read: read, cache_write: write }: ListedSession["tokens"]): string {
  return `${integer(input)} input, ${integer(output)} output, ${integer(read)} cache read, ${integer(write)} cache write`;
}
