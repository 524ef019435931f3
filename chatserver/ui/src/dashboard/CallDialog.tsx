// The details of one tool call: outcome, timing, error, and parameters.
import { useEffect, useRef } from "react";
import { exactTime, integer } from "../shared/format";
import { tokensOf } from "./attribution";
import { Cost } from "./Cost";
import { callDuration, dollarsOrDash, spaced } from "./format";
import type { ToolCall } from "./snapshot";
import type { Row } from "./timelineRows";

const ENDS = { hook: "a hook", transcript: "the transcript", inferred: "nothing; inferred from later events" };

export function CallDialog({ row, call, onClose }: { row: Row; call: ToolCall; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="call-dialog" aria-labelledby="call-title" onClose={onClose}>
      <header>
        <h2 id="call-title">{call.tool_name}</h2>
        <button type="button" className="button small" onClick={() => dialog.current?.close()}>Close</button>
      </header>
      <dl className="facts-list">
        <dt>Outcome</dt>
        <dd className={call.outcome}>{call.outcome === "error" && call.error_category ? `error, ${spaced(call.error_category)}` : call.outcome}</dd>
        <dt>Started</dt>
        <dd>{call.timestamp ? exactTime(call.timestamp) : "unknown"}</dd>
        <dt>Duration</dt>
        <dd>{call.outcome === "running" ? `${callDuration(row.to - row.from)} so far` : callDuration(call.duration_ms)}</dd>
        {call.source && (
          <>
            <dt>End reported by</dt>
            <dd>{ENDS[call.source]}</dd>
          </>
        )}
        {call.subagent && (
          <>
            <dt>Sub-agent</dt>
            <dd className={call.subagent.outcome}>
              {call.subagent.agent}, {call.subagent.outcome}, {callDuration(call.subagent.duration_ms ?? row.to - row.from)}
            </dd>
          </>
        )}
        <dt>Agent</dt>
        <dd>{call.agent}</dd>
        {row.spent && (
          <>
            <dt>API request</dt>
            <dd>
              {row.spent.request.model}, {integer(tokensOf(row.spent.request))} tokens, {dollarsOrDash(row.spent.request.cost_usd)}
            </dd>
            <dt>Session so far</dt>
            <dd><Cost usd={row.spent.total} unpriced={row.spent.unpriced} /></dd>
          </>
        )}
      </dl>
      {call.error && (
        <>
          <h3>{call.outcome === "error" ? "Error" : "Reason"}</h3>
          <pre tabIndex={0}>{call.error}</pre>
        </>
      )}
      <h3>Parameters <span className="faint">secrets redacted</span></h3>
      <pre tabIndex={0}>{JSON.stringify(call.parameters, null, 2)}</pre>
    </dialog>
  );
}
