// A small bar chart without axes: a count per interval, with failures in another color.
import { memo, useMemo } from "react";
import type uPlot from "uplot";
import { integer } from "../shared/format";
import { barSeries } from "./bars";
import { Chart, type ChartOptions } from "./Chart";
import type { Palette } from "./palette";

interface Props {
  counts: readonly number[];
  failures?: readonly number[];
  label: string;
  /** The thing that is counted, in whose color the bars are; without one they are gray. */
  name?: string;
}

const NONE: readonly number[] = [];

export const Sparkline = memo(function Sparkline({ counts, failures = NONE, label, name = "" }: Props) {
  const data = useMemo<uPlot.AlignedData>(() => {
    const indexes = counts.map((_, index) => index);
    return [indexes, [...counts], indexes.map((index) => failures[index] || null)];
  }, [counts, failures]);
  return (
    <Chart
      data={data} height={28} options={(palette) => optionsOf(name, palette)} optionsKey={`${name} ${counts.length}`} className="small"
      label={`${label}, maximum ${integer(Math.max(...counts))}`}
    />
  );
}, isSame);

function isSame(a: Props, b: Props): boolean {
  return a.label === b.label && String(a.counts) === String(b.counts) && String(a.failures) === String(b.failures);
}

function optionsOf(name: string, palette: Palette): ChartOptions {
  return {
    padding: [1, 0, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: false, range: (_, min, max) => [min - 0.5, max + 0.5] },
      y: { range: (_, __, max) => [0, Math.max(1, max)] },
    },
    series: [{}, barSeries(0.75, 12, name ? palette.named(name) : palette.token("spark")), barSeries(0.75, 12, palette.token("bad"))],
  };
}
