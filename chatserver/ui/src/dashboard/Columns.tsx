// A small chart of columns, without axes: so many in each slot, those that failed in another colour.
import { memo, useMemo } from "react";
import type uPlot from "uplot";
import { columns } from "./bars";
import { Chart } from "./Chart";
import { whole } from "./figures";

interface Props {
  series: readonly number[];
  bad?: readonly number[];
  label: string;
}

const NOTHING: readonly number[] = [];

export const Columns = memo(function Columns({ series, bad = NOTHING, label }: Props) {
  const data = useMemo<uPlot.AlignedData>(() => {
    const places = series.map((_, place) => place);
    return [places, [...series], places.map((place) => bad[place] || null)];
  }, [series, bad]);
  const most = Math.max(...series);
  return (
    <Chart
      data={data} height={28} shape={shape} shapeKey={String(series.length)} className="small"
      label={`${label}: ${whole(most)} at most`}
    />
  );
}, isSame);

function isSame(before: Props, after: Props): boolean {
  return before.label === after.label && String(before.series) === String(after.series) && String(before.bad) === String(after.bad);
}

function shape(colour: (name: string) => string): Omit<uPlot.Options, "width" | "height"> {
  return {
    padding: [1, 0, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: false, range: (_, min, max) => [min - 0.5, max + 0.5] },
      y: { range: (_, __, max) => [0, Math.max(1, max)] },
    },
    series: [{}, columns(0.75, 12, colour("--spark")), columns(0.75, 12, colour("--bad"))],
  };
}
