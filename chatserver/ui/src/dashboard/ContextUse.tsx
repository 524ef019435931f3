// How full the context of a running session is.
import "./context.css";
import { integer, percent } from "../shared/format";
import { compact } from "./format";
import type { ContextNow } from "./snapshot";

const NEARLY_FULL = 0.8;

export function ContextUse({ context: { tokens, window, model } }: { context: ContextNow }) {
  const used = window ? tokens / window : null;
  const size = window ? ` of ${integer(window)}` : "";
  return (
    <span
      className={`context-use ${used !== null && used >= NEARLY_FULL ? "bad" : "faint"}`}
      title={`Context: ${integer(tokens)}${size} tokens in the last request (${model})`}
    >
      {compact(tokens)} context{used !== null && `, ${percent(used)} full`}
    </span>
  );
}
