// Axes whose labels fit: as wide as the longest one, and none that the edge would cut.
import uPlot from "uplot";
import type { Palette } from "./palette";

const FONT = "11px system-ui, sans-serif";
const GAP = 6;

/** The axis of values, at the left. */
export function valueAxis(palette: Palette, labelOf: (value: number, step: number) => string): uPlot.Axis {
  return {
    ...styleOf(palette),
    grid: { stroke: palette.token("line"), width: 1 },
    space: 36,
    size: (plot, labels) => Math.ceil(Math.max(0, ...(labels ?? []).map((label) => widthOf(plot, label)))) + GAP + 2,
    values: (_, splits, __, ___, step) => splits.map((value) => labelOf(value, step)),
  };
}

/** The axis of times, at the bottom; `labelOf` gets seconds. */
export function timeAxis(palette: Palette, labelOf: (at: number) => string): uPlot.Axis {
  return {
    ...styleOf(palette),
    grid: { show: false },
    size: 22,
    space: 72,
    values: (plot, splits) => splits.map((at) => {
      const label = labelOf(at);
      return fits(plot, at, widthOf(plot, label)) ? label : "";
    }),
  };
}

function styleOf(palette: Palette): uPlot.Axis {
  return { stroke: palette.token("faint"), font: FONT, ticks: { show: false }, gap: GAP };
}

function widthOf({ ctx }: uPlot, label: string): number {
  ctx.save();
  ctx.font = FONT;
  const { width } = ctx.measureText(label);
  ctx.restore();
  return width;
}

/** Whether a label centered below a time is within the chart. */
function fits(plot: uPlot, at: number, width: number): boolean {
  const left = plot.bbox.left / uPlot.pxRatio + plot.valToPos(at, "x");
  return left - width / 2 >= 0 && left + width / 2 <= plot.width;
}
