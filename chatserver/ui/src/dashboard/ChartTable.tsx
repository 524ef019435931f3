// The numbers of a chart as a table that can be opened: below the chart, or over the page where there is no place for it.
import "./chartTable.css";
import { useId, useState, type ReactNode } from "react";

export interface ChartNumbers {
  /** What the numbers are of. */
  label: string;
  head: readonly string[];
  /** The cells of each row, of which the first names it. */
  rows: () => readonly (readonly string[])[];
}

/** A table below its chart; its cells are made once it is open. */
export function ChartTable(numbers: ChartNumbers) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="chart-table" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Show as table<span className="visually-hidden">: {numbers.label}</span></summary>
      {isOpen && <NumbersTable {...numbers} />}
    </details>
  );
}

/** A table over the page, which a click on its chart opens. */
export function ChartTablePopover({ children, ...numbers }: ChartNumbers & { children: ReactNode }) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="chart-button" popoverTarget={id} title="Show as table">
        {children}
        <span className="visually-hidden"> Show as table</span>
      </button>
      <div id={id} popover="auto" className="table-card" onToggle={(event) => setOpen(event.newState === "open")}>
        <h3>{numbers.label}</h3>
        {isOpen && <NumbersTable {...numbers} />}
      </div>
    </>
  );
}

function NumbersTable({ label, head, rows }: ChartNumbers) {
  const [first, ...others] = head;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={`${label}, table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {others.map((name) => <th key={name} scope="col" className="number">{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows().map(([name, ...cells], place) => (
            <tr key={place}>
              <th scope="row">{name}</th>
              {cells.map((cell, column) => <td key={column} className="number">{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
