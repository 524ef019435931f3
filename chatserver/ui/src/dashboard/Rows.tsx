// The rows of a long list, of which only those in sight are in the page.
import type { ReactNode } from "react";
import { useWindow } from "./hooks";

interface Props<Row> {
  rows: readonly Row[];
  height: number;
  keyOf: (row: Row) => string;
  children: (row: Row, place: number) => ReactNode;
  role: "list" | "rowgroup";
  label: string;
  onEnd?: () => void;
}

export function Rows<Row>({ rows, height, keyOf, children, role, label, onEnd }: Props<Row>) {
  const { scroller, first, last } = useWindow(rows.length, height, onEnd);
  const isList = role === "list";
  return (
    <div ref={scroller} className="rows" tabIndex={0} role={role} aria-label={label}>
      <div role="presentation" className="all" style={{ height: `${rows.length * height}px` }}>
        {rows.slice(first, last).map((row, number) => (
          <div
            key={keyOf(row)} className="line" style={{ top: `${(first + number) * height}px`, height: `${height}px` }}
            role={isList ? "listitem" : "row"}
            {...(isList ? { "aria-posinset": first + number + 1, "aria-setsize": rows.length } : { "aria-rowindex": first + number + 2 })}
          >
            {children(row, first + number)}
          </div>
        ))}
      </div>
    </div>
  );
}
