// The range of figures, and from when on they are complete, if not for all of it.
import { dayAndTime } from "./format";
import type { Figures } from "./figures";

export function RangeNote({ figures: { words, callsSince } }: { figures: Figures }) {
  return (
    <span className="faint">
      {words}
      {callsSince && <>, <span className="incomplete" title="Older calls were counted by a version that stored no times, and their files are deleted.">complete since {dayAndTime(callsSince)}</span></>}
    </span>
  );
}
