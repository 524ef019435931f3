// Keys that work anywhere on the page, unless a text is being written or a dialog is open.
import { useEffect, useRef } from "react";

export const KEYS: readonly [keys: string[], what: string][] = [
  [["/"], "search sessions"],
  [["j"], "next session"],
  [["k"], "previous session"],
  [["Enter"], "open the session"],
  [["Esc"], "leave the search, close a dialog"],
  [["?"], "show this list"],
];

/** Do something when a key is pressed; of each component, only the actions of its last render count. */
export function useKeys(actions: Record<string, () => void>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = latest.current[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isBusy(event.target)) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=radio], [type=checkbox]), textarea, select"));
}
