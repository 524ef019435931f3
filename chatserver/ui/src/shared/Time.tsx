// A local time, with the exact one as its tooltip.
import { exactTime, timeAndDate } from "./format";

export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactTime(at)}>
      {timeAndDate(at)}
    </time>
  );
}
