// How long people kept sessions waiting in the range; nothing if no session has waited.
import "./waits.css";
import { integer } from "../shared/format";
import { callDuration } from "./format";
import { rangePath, rangeWords, type TimeRange } from "./ranges";
import { useLoaded } from "./useLoaded";

interface WaitFigures {
  reason: "permission" | "question";
  waits: number;
  median_ms: number | null;
  p90_ms: number | null;
  longest_ms: number | null;
  total_ms: number | null;
}

interface RangeWaits {
  reasons: WaitFigures[];
  complete: boolean;
  sessions_without_files: number;
}

const FIGURES = ["Waits", "Median", "p90", "Longest", "Total"];
const NAMES = { permission: "Permission", question: "Question" };

export function Waits({ range, updatedAt }: { range: TimeRange; updatedAt: number }) {
  const { data: found } = useLoaded<RangeWaits>(rangePath("/api/waits", range), updatedAt);
  if (!found || (found.reasons.length === 0 && found.complete)) return null;
  return (
    <section className="panel waits" aria-labelledby="waits-title">
      <header>
        <h2 id="waits-title">Waits for people</h2>
        <span className="faint">{rangeWords(range)}</span>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">For</th>
            {FIGURES.map((name) => <th key={name} scope="col" className="number">{name}</th>)}
          </tr>
        </thead>
        <tbody>{found.reasons.map((one) => <Row key={one.reason} figures={one} />)}</tbody>
      </table>
      <p className="waits-note faint">{noteOf(found)}</p>
    </section>
  );
}

function Row({ figures: { reason, waits, ...lengths } }: { figures: WaitFigures }) {
  const shown = [integer(waits), ...[lengths.median_ms, lengths.p90_ms, lengths.longest_ms, lengths.total_ms].map(callDuration)];
  return (
    <tr>
      <th scope="row">{NAMES[reason]}</th>
      {shown.map((figure, place) => <td key={place} className="number" data-name={FIGURES[place]}>{figure}</td>)}
    </tr>
  );
}

/** What the figures include, and what they lack. */
function noteOf({ complete, sessions_without_files: deleted }: RangeWaits): string {
  if (!complete) return "Reading sessions; more waits follow.";
  const missing = deleted > 0 ? ` Without ${deleted === 1 ? "one session" : `${deleted} sessions`} whose files are deleted.` : "";
  return `Waits whose end is known; hooks report those for permission.${missing}`;
}
