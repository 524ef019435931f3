// A long scrolled list that renders only its visible rows.
import { useEffect, type ReactNode } from "react";
import { useVisibleRows } from "./hooks";

interface Props<Row> {
  rows: readonly Row[];
  height: number;
  keyOf: (row: Row) => string;
  children: (row: Row) => ReactNode;
  role: "list" | "rowgroup";
  label: string;
  /** Called when the last row is reached. */
  onEnd?: () => void;
  /** The place of a row to scroll to, whenever the object changes. */
  target?: { place: number } | null;
}

export function Rows<Row>({ rows, height, keyOf, children, role, label, onEnd, target = null }: Props<Row>) {
  const { scroller, first, last } = useVisibleRows(rows.length, height, onEnd);
  useEffect(() => {
    const element = scroller.current;
    if (element && target) element.scrollTop = Math.max(0, (target.place + 0.5) * height - element.clientHeight / 2);
  }, [target]);
  const isList = role === "list";
  return (
    <div ref={scroller} className="rows" tabIndex={0} role={role} aria-label={label}>
      <div role="presentation" className="all" style={{ height: `${rows.length * height}px` }}>
        {rows.slice(first, last).map((row, offset) => (
          <div
            key={keyOf(row)} className="line" style={{ top: `${(first + offset) * height}px`, height: `${height}px` }}
            role={isList ? "listitem" : "row"}
            {...(isList ? { "aria-posinset": first + offset + 1, "aria-setsize": rows.length } : { "aria-rowindex": first + offset + 2 })}
          >
            {children(row)}
          </div>
        ))}
      </div>
    </div>
  );
}
