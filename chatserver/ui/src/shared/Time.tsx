// A moment, local; the exact one on hover.
import { exactly, moment } from "./format";

export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactly(at)}>
      {moment(at)}
    </time>
  );
}
