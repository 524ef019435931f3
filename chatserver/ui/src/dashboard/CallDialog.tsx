// One call: what it was told, how it ended, and what it said.
import { useEffect, useRef } from "react";
import { exactly } from "../shared/format";
import { money, took, whole, words } from "./figures";
import type { ToolCall } from "./snapshot";
import type { Row } from "./steps";

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
        <dd className={call.outcome}>{call.outcome}{call.error_category && `, ${words(call.error_category)}`}</dd>
        <dt>Started</dt>
        <dd>{call.timestamp ? exactly(call.timestamp) : "The log does not say when."}</dd>
        <dt>Took</dt>
        <dd>{call.outcome === "running" ? `${took(row.to - row.from)} so far` : took(call.duration_ms)}</dd>
        <dt>Agent</dt>
        <dd>{call.agent}</dd>
        {row.tokens > 0 && (
          <>
            <dt>Asked for by</dt>
            <dd>{whole(row.tokens)} tokens, {money(row.cost)}</dd>
          </>
        )}
      </dl>
      {call.error && (
        <>
          <h3>Error</h3>
          <pre tabIndex={0} className="said">{call.error}</pre>
        </>
      )}
      <h3>Parameters <span className="faint">secrets are left out</span></h3>
      <pre tabIndex={0}>{JSON.stringify(call.parameters, null, 2)}</pre>
    </dialog>
  );
}
