// What the marks, colors and patterns of a timeline mean: those that occur in it.
import type { Scale } from "./scale";
import type { Row } from "./timelineRows";
import "./legend.css";

interface Entry {
  /** The classes of its sample. */
  sample: string;
  name: string;
  occurs: (rows: readonly Row[], scale: Scale) => boolean;
}

const call = (...outcomes: Row["outcome"][]) => (rows: readonly Row[]) =>
  rows.some(({ kind, outcome }) => kind === "call" && outcomes.includes(outcome));
const event = (...kinds: Row["kind"][]) => (rows: readonly Row[]) => rows.some(({ kind }) => kinds.includes(kind));

const ENTRIES: readonly Entry[] = [
  { sample: "mark prompt", name: "Prompt", occurs: event("prompt") },
  { sample: "block", name: "Call", occurs: call("success") },
  { sample: "block error", name: "Failed call", occurs: call("error") },
  { sample: "block denied", name: "Denied or interrupted call", occurs: call("denied", "interrupted") },
  { sample: "block unknown", name: "Call whose end is unknown", occurs: call("unknown") },
  { sample: "block running", name: "Running call", occurs: call("running") },
  { sample: "mark permission", name: "Wait for a person", occurs: event("permission") },
  { sample: "mark compaction", name: "Compaction", occurs: event("compaction") },
  { sample: "mark api_error", name: "API error", occurs: event("api_error", "fallback") },
  { sample: "gap", name: "Time in which nothing happened, not to scale", occurs: (_, { gaps }) => gaps.length > 0 },
];

export function TimelineLegend({ rows, scale }: { rows: readonly Row[]; scale: Scale }) {
  const shown = ENTRIES.filter(({ occurs }) => occurs(rows, scale));
  if (shown.length === 0) return null;
  return (
    <ul className="timeline-legend faint" aria-label="Legend">
      {shown.map(({ sample, name }) => <li key={name}><i className={sample} aria-hidden="true" />{name}</li>)}
    </ul>
  );
}
