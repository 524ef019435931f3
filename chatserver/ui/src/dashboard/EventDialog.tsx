// The details of an event: when, who, its text, and the API request that it is of.
import { useEffect, useRef } from "react";
import { exactTime, integer } from "../shared/format";
import { tokensOf } from "./attribution";
import { Cost } from "./Cost";
import { callDuration, dollarsOrDash, spaced } from "./format";
import { WholeText } from "./WholeText";
import type { Row } from "./timelineRows";

/** What `detail` is, by kind. */
const DETAILS: Partial<Record<Row["kind"], string>> = {
  prompt: "Submitted by", permission: "The call", compaction: "Trigger", api_error: "Followed by", fallback: "Trigger",
};
const FOLLOWED_BY: Record<string, string> = { retried: "another attempt", abandoned: "an error message instead of an answer" };

export function EventDialog({ row, session, onClose }: { row: Row; session: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { event, spent } = row;
  const detail = DETAILS[row.kind];
  return (
    <dialog ref={dialog} className="call-dialog" aria-labelledby="event-title" onClose={onClose}>
      <header>
        <h2 id="event-title">{row.name}</h2>
        <button type="button" className="button small" onClick={() => dialog.current?.close()}>Close</button>
      </header>
      <dl className="facts-list">
        <dt>Time</dt>
        <dd>{exactTime(new Date(row.from).toISOString())}</dd>
        <dt>Agent</dt>
        <dd>{row.agent}</dd>
        {event?.tool && <><dt>Tool</dt><dd>{event.tool}</dd></>}
        {event?.detail && detail && <><dt>{detail}</dt><dd>{FOLLOWED_BY[event.detail] ?? spaced(event.detail)}</dd></>}
        {row.kind === "permission" && <><dt>Waited</dt><dd>{waited(row)}</dd></>}
        {spent && (
          <>
            <dt>API request</dt>
            <dd>
              {spent.request.model}, {integer(tokensOf(spent.request))} tokens, {dollarsOrDash(spent.request.cost_usd)}
            </dd>
            <dt>Session so far</dt>
            <dd><Cost usd={spent.total} unpriced={spent.unpriced} /></dd>
          </>
        )}
      </dl>
      {event?.text && <WholeText event={event} session={session} />}
    </dialog>
  );
}

function waited({ event, from, to }: Row): string {
  if (event?.until) return callDuration(to - from);
  return event?.detail === "running" ? `${callDuration(to - from)} so far, waiting or running` : "unknown; no hook reports when it ended";
}
