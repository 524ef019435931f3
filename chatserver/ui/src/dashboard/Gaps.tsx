// The gaps of a timeline's axis: hatched, as they are not to scale.
import { callDuration } from "./format";
import type { Scale } from "./scale";

export function Gaps({ scale }: { scale: Scale }) {
  return scale.gaps.map(({ position, width, milliseconds }) => (
    <i
      key={position} className="gap" title={`Nothing for ${callDuration(milliseconds)}`}
      style={{ left: `${position * 100}%`, width: `${width * 100}%` }}
    />
  ));
}
