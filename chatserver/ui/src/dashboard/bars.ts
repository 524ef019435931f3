// Columns, as uPlot draws them.
import uPlot from "uplot";

/** A series of columns that take a share of their slot, and are no wider than so many pixels. */
export function columns(share: number, widest: number, fill: string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [share, widest] });
  return { ...(paths && { paths }), fill, stroke: fill, width: 0, points: { show: false } };
}
