// How full the context of a running session is.
import "./context.css";
import type { ReactNode } from "react";
import { integer, percent } from "../shared/format";
import { compact } from "./format";
import type { ContextNow } from "./snapshot";

const NEARLY_FULL = 0.8;

export function ContextUse({ context }: { context: ContextNow }) {
  const used = usedOf(context);
  return <Use context={context}>{compact(context.tokens)} context{used !== null && `, ${percent(used)} full`}</Use>;
}

/** Only the share, where there is no place for more; nothing if the size of the window is unknown. */
export function ContextShare({ context }: { context: ContextNow }) {
  const used = usedOf(context);
  return used !== null && <Use context={context}>{percent(used)} full</Use>;
}

function Use({ context, children }: { context: ContextNow; children: ReactNode }) {
  const { tokens, window, model } = context;
  const size = window ? ` of ${integer(window)}` : "";
  return (
    <span
      className={`context-use ${(usedOf(context) ?? 0) >= NEARLY_FULL ? "bad" : "faint"}`}
      title={`Context: ${integer(tokens)}${size} tokens in the last request (${model})`}
    >
      {children}
    </span>
  );
}

function usedOf({ tokens, window }: ContextNow): number | null {
  return window ? tokens / window : null;
}
