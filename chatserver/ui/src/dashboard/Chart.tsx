// uPlot as a component: recreated when its options change, updated when only its data or size do.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useMedia } from "../shared/hooks";
import { useWidth } from "./hooks";

export type ChartOptions = Omit<uPlot.Options, "width" | "height">;
/** The value of a CSS custom property of the page. */
export type ColorOf = (name: string) => string;

interface Props {
  data: uPlot.AlignedData;
  height: number;
  options: (colorOf: ColorOf) => ChartOptions;
  /** Changes whenever the options do. */
  optionsKey: string;
  label: string;
  className?: string;
}

export function Chart({ data, height, options, optionsKey, label, className = "" }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const width = useWidth(frame);
  const isDark = useMedia("(prefers-color-scheme: dark)");
  useEffect(() => {
    if (!frame.current || !width) return;
    const style = getComputedStyle(document.documentElement);
    const colorOf = (name: string) => style.getPropertyValue(name).trim();
    const plot = new uPlot({ ...options(colorOf), width, height }, data, frame.current);
    chart.current = plot;
    return () => {
      chart.current = null;
      plot.destroy();
    };
  }, [optionsKey, width > 0, height, isDark]);
  useEffect(() => chart.current?.setSize({ width, height }), [width, height]);
  useEffect(() => chart.current?.setData(data), [data]);
  return <div ref={frame} role="img" aria-label={label} className={`chart ${className}`} style={{ height: `${height}px` }} />;
}
