// A stacked bar chart of costs, with a legend that shows the values under the pointer, and the same numbers as a table.
import { useEffect, useMemo, useRef, useState } from "react";
import type uPlot from "uplot";
import { dollars } from "../shared/format";
import { useObservable } from "../shared/hooks";
import { preferences } from "../shared/preferences";
import { Swatch } from "../shared/Swatch";
import { timeAxis, valueAxis } from "./axes";
import { barSeries } from "./bars";
import { Chart, type ChartOptions } from "./Chart";
import { ChartTable } from "./ChartTable";
import { Cost } from "./Cost";
import { dollarTick, slotNames, tickLabel } from "./format";
import type { Palette } from "./palette";
import type { CostRange, CostSeries } from "./snapshot";

interface Props {
  title: string;
  costs: CostRange;
  series: CostSeries[];
}

export function CostChart({ title, costs, series }: Props) {
  const [slot, setSlot] = useState<number | null>(null);
  const startsAt = Date.parse(costs.starts_at);
  const { slot_seconds: slotSeconds } = costs;
  const names = series.map(({ name }) => name);
  const { clock } = useObservable(preferences);
  const data = useMemo(() => stacked(series, startsAt, slotSeconds), [series, startsAt, slotSeconds]);
  const onHover = useRef(setSlot);
  useEffect(() => setSlot(null), [startsAt, slotSeconds]);
  const labelOf = slotNames(startsAt, slotSeconds, data[0].length);
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
        <span className="faint">{slot === null ? "" : labelOf(slot)}</span>
      </figcaption>
      <Chart
        data={data} height={170} optionsKey={JSON.stringify([names, slotSeconds, clock])}
        label={`Cost ${title.toLowerCase()} over time, stacked bar chart`}
        options={(palette) => optionsOf(names, slotSeconds, palette, (index) => onHover.current(index))}
      />
      <ul className="legend">
        {series.map((one) => (
          <li key={one.name}>
            <Swatch name={one.name} />
            <span className="name" title={one.name}>{one.name || "other"}</span>
            <span className="number">{slot === null ? <Cost usd={one.cost_usd} unpriced={one.unpriced_tokens} unknown="unknown" /> : costOf(one, slot)}</span>
          </li>
        ))}
      </ul>
      <ChartTable
        label={`Cost ${title.toLowerCase()} over time`} head={["From", ...names.map((name) => name || "other")]}
        rows={() => Array.from(data[0], (_, index) => [labelOf(index), ...series.map((one) => costOf(one, index))])}
      />
    </figure>
  );
}

/** The cost in a slot: with a plus if it lacks that of models without a known price, unknown if nothing else was used. */
function costOf({ slots, incomplete_slots: incomplete }: CostSeries, slot: number): string {
  const cost = slots[slot] ?? 0;
  if (!incomplete.includes(slot)) return dollars(cost);
  return cost ? `${dollars(cost)}+` : "unknown";
}

/** Cumulative sums from the last series to the first, so that the tallest bars are drawn first and stay behind. */
function stacked(series: CostSeries[], startsAt: number, slotSeconds: number): uPlot.AlignedData {
  const times = series[0]?.slots.map((_, index) => startsAt / 1000 + index * slotSeconds) ?? [];
  const sums = times.map(() => 0);
  const stacks = series.toReversed().map(({ slots }) => slots.map((cost, index) => (sums[index] = (sums[index] ?? 0) + cost)));
  return [times, ...stacks.reverse()];
}

function optionsOf(names: string[], slotSeconds: number, palette: Palette, onHover: (index: number | null) => void): ChartOptions {
  return {
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
    scales: {
      x: { range: (_, min, max) => [min - slotSeconds / 2, max + slotSeconds / 2] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.05 : 1] },
    },
    axes: [timeAxis(palette, (at) => tickLabel(at * 1000)), valueAxis(palette, dollarTick)],
    series: [{}, ...names.map((name) => barSeries(0.72, 28, palette.named(name)))],
  };
}
