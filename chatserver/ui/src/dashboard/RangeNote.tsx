// The range of figures, and from when on they are complete, if not for all of it.
import { dayAndTime } from "./format";
import type { Figures } from "./figures";

const NO_TIMES = "Older calls were counted by a version that stored no times, and their files are deleted.";
const NOT_COUNTED = "The exporter has not counted all older calls yet.";

export function RangeNote({ figures: { words, callsSince, isComplete } }: { figures: Figures }) {
  return (
    <span className="faint">
      {words}
      {callsSince && <>, <span className="incomplete" title={isComplete ? NO_TIMES : NOT_COUNTED}>complete since {dayAndTime(callsSince)}</span></>}
    </span>
  );
}
