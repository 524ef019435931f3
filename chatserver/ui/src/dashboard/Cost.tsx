// A cost; with a plus, it lacks that of tokens of models without a known price, and says so.
import { dollars, integer } from "../shared/format";
import { DASH } from "./format";

interface Props {
  usd: number | null;
  /** The tokens whose cost is not in it. */
  unpriced: number;
  /** What is known of a cost that is null. */
  known?: number;
  /** What to show where nothing is known of the cost, which is not $0. */
  unknown?: string;
}

export function Cost({ usd, unpriced, known = 0, unknown = DASH }: Props) {
  if (usd === null && known) return <span title="At least this: not all of the cost is known">{dollars(known)}+</span>;
  if (!unpriced) return usd === null ? unknown : dollars(usd);
  return <span title={missing(unpriced)}>{usd === null ? unknown : `${dollars(usd)}+`}</span>;
}

/** What a cost lacks, in words. */
export function missing(unpriced: number): string {
  return `Without the cost of ${integer(unpriced)} tokens of models without a known price; --prices sets one`;
}
