// uPlot as a component: recreated when its options or the theme change, updated when only its data or size do.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useShownTheme } from "../shared/preferences";
import { useWidth } from "./hooks";
import { paletteIn, type Palette } from "./palette";

export type ChartOptions = Omit<uPlot.Options, "width" | "height">;

interface Props {
  data: uPlot.AlignedData;
  height: number;
  options: (palette: Palette) => ChartOptions;
  /** Changes whenever the options do. */
  optionsKey: string;
  label: string;
  className?: string;
}

export function Chart({ data, height, options, optionsKey, label, className = "" }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const width = useWidth(frame);
  const theme = useShownTheme();
  useEffect(() => {
    if (!frame.current || !width) return;
    const plot = new uPlot({ ...options(paletteIn(frame.current)), width, height }, data, frame.current);
    chart.current = plot;
    return () => {
      chart.current = null;
      plot.destroy();
    };
  }, [optionsKey, width > 0, height, theme]);
  useEffect(() => chart.current?.setSize({ width, height }), [width, height]);
  useEffect(() => chart.current?.setData(data), [data]);
  return <div ref={frame} role="img" aria-label={label} className={`chart ${className}`} style={{ height: `${height}px` }} />;
}
