// A local time, with the exact one as its tooltip.
import { exactTime, timeAndDate } from "./format";
import { useObservable } from "./hooks";
import { preferences } from "./preferences";

export function Time({ at }: { at: string }) {
  useObservable(preferences); // the clock may change
  return (
    <time dateTime={at} title={exactTime(at)}>
      {timeAndDate(at)}
    </time>
  );
}
