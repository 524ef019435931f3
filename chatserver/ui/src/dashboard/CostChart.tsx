// Stacked columns of costs, with a legend that tells what stands under the pointer, and the same as a table.
import { useEffect, useMemo, useRef, useState } from "react";
import type uPlot from "uplot";
import { dollars } from "../shared/format";
import { columns } from "./bars";
import { Chart } from "./Chart";
import { slotName } from "./figures";
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
  const names = series.map(({ name }) => name).join("\n");
  const data = useMemo(() => stacked(series, startsAt, slotSeconds), [series, startsAt, slotSeconds]);
  const point = useRef(setSlot);
  useEffect(() => setSlot(null), [startsAt, slotSeconds]);
  const nameOf = (place: number) => slotName(startsAt + place * slotSeconds * 1000, slotSeconds);
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
        <span className="faint">{slot === null ? "" : nameOf(slot)}</span>
      </figcaption>
      <Chart
        data={data} height={170} shapeKey={`${names} ${slotSeconds}`} label={`Cost ${title.toLowerCase()}, as columns over time`}
        shape={(colour) => shapeOf(series.length, slotSeconds, colour, (place) => point.current(place))}
      />
      <ul className="legend">
        {series.map(({ name, cost_usd, slots }, place) => (
          <li key={name}>
            <i className={`series-${place}`} aria-hidden="true" />
            <span className="name" title={name}>{name || "all others"}</span>
            <span className="number">{dollars(slot === null ? cost_usd : (slots[slot] ?? 0))}</span>
          </li>
        ))}
      </ul>
      <details>
        <summary>As a table</summary>
        <div className="scroll" tabIndex={0} role="region" aria-label={`Cost ${title.toLowerCase()}, as a table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                {series.map(({ name }) => <th key={name} scope="col" className="number">{name || "all others"}</th>)}
              </tr>
            </thead>
            <tbody>
              {series[0]?.slots.map((_, place) => (
                <tr key={place}>
                  <th scope="row">{nameOf(place)}</th>
                  {series.map(({ name, slots }) => <td key={name} className="number">{dollars(slots[place] ?? 0)}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** Each series on top of those after it, so that the tallest is drawn first. */
function stacked(series: CostSeries[], startsAt: number, slotSeconds: number): uPlot.AlignedData {
  const times = series[0]?.slots.map((_, place) => startsAt / 1000 + place * slotSeconds) ?? [];
  const sums = times.map(() => 0);
  const stacks = series.toReversed().map(({ slots }) => slots.map((cost, place) => (sums[place] = (sums[place] ?? 0) + cost)));
  return [times, ...stacks.reverse()];
}

function shapeOf(
  count: number, slotSeconds: number, colour: (name: string) => string, onPoint: (place: number | null) => void,
): Omit<uPlot.Options, "width" | "height"> {
  const axis = {
    stroke: colour("--faint"), font: "11px system-ui, sans-serif", grid: { show: false }, ticks: { show: false }, gap: 4,
  };
  return {
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
    scales: {
      x: { range: (_, min, max) => [min - slotSeconds / 2, max + slotSeconds / 2] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.05 : 1] },
    },
    axes: [
      { ...axis, size: 22, space: 88, values: (_, splits) => splits.map((at) => slotName(at * 1000, slotSeconds)) },
      {
        ...axis, size: 52, space: 36, grid: { stroke: colour("--line"), width: 1 },
        values: (_, splits) => splits.map((usd) => `$${usd}`),
      },
    ],
    series: [{}, ...Array.from({ length: count }, (_, place) => columns(0.72, 28, colour(`--series-${place}`)))],
  };
}
