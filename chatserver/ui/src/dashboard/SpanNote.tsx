// The time span of the figures on single tool calls, which the server keeps for 24 hours.

export type Span = "1h" | "24h";
export const SPAN_NAMES: Record<Span, string> = { "1h": "last hour", "24h": "last 24 h" };

/** The span, with a note where it is shorter than the selected range. */
export function SpanNote({ span, isShorter }: { span: Span; isShorter: boolean }) {
  if (!isShorter) return <span className="faint">{SPAN_NAMES[span]}</span>;
  return (
    <span className="faint" title="For older calls, see Prometheus and the Grafana dashboards.">
      {SPAN_NAMES[span]}; older calls are not kept here
    </span>
  );
}
