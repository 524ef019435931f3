// uPlot in the page: it is made anew when its shape changes, and fed where only its numbers do.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useMedia } from "../shared/hooks";
import { useWidth } from "./hooks";

interface Props {
  data: uPlot.AlignedData;
  height: number;
  /** Made anew for every shape; `colour` reads a custom property of the page. */
  shape: (colour: (name: string) => string) => Omit<uPlot.Options, "width" | "height">;
  /** What tells one shape from another. */
  shapeKey: string;
  label: string;
  className?: string;
}

export function Chart({ data, height, shape, shapeKey, label, className = "" }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const width = useWidth(frame);
  const isDark = useMedia("(prefers-color-scheme: dark)");
  useEffect(() => {
    if (!frame.current || !width) return;
    const style = getComputedStyle(document.documentElement);
    const options = shape((name) => style.getPropertyValue(name).trim());
    const made = new uPlot({ ...options, width, height }, data, frame.current);
    chart.current = made;
    return () => {
      chart.current = null;
      made.destroy();
    };
  }, [shapeKey, width > 0, height, isDark]);
  useEffect(() => chart.current?.setSize({ width, height }), [width, height]);
  useEffect(() => chart.current?.setData(data), [data]);
  return <div ref={frame} role="img" aria-label={label} className={`chart ${className}`} style={{ height: `${height}px` }} />;
}
