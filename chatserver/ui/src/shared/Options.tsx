// A row of options, one of which is selected.
import { useId, type ReactNode } from "react";

interface Props<Value extends string> {
  label: string;
  isLabelShown?: boolean;
  /** The text of each option by its value. */
  names: Record<Value, ReactNode>;
  selected: Value;
  onSelect: (value: Value) => void;
}

export function Options<Value extends string>({ label, isLabelShown = false, names, selected, onSelect }: Props<Value>) {
  const group = useId();
  const options = (
    <fieldset className="options">
      <legend className="visually-hidden">{label}</legend>
      {(Object.keys(names) as Value[]).map((value) => (
        <label key={value}>
          <input type="radio" name={group} checked={value === selected} onChange={() => onSelect(value)} />
          <span>{names[value]}</span>
        </label>
      ))}
    </fieldset>
  );
  if (!isLabelShown) return options;
  return (
    <div>
      <p className="options-label" aria-hidden="true">{label}</p>
      {options}
    </div>
  );
}
