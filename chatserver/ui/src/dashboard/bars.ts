// Bars as a uPlot series.
import uPlot from "uplot";

/** A series of bars, each as wide as a share of its slot, up to a maximum in pixels. */
export function barSeries(widthShare: number, maxWidth: number, fill: string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [widthShare, maxWidth] });
  return { ...(paths && { paths }), fill, stroke: fill, width: 0, points: { show: false } };
}
