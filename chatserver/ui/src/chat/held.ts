// What keeps still while a person is about to click it: lists whose items come and go by themselves.
import { useEffect, useRef, useState } from "react";

/** Whether a person is at an element, with the pointer or the keyboard; and the ref of the element. */
export function usePresence(): [boolean, (element: HTMLElement | null) => void] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [isPresent, setPresent] = useState(false);
  useEffect(() => {
    if (!element) return;
    const come = () => setPresent(true);
    const go = () => setPresent(false);
    const isInside = ({ target }: Event) => target instanceof Node && element.contains(target);
    const listening = new AbortController();
    const { signal } = listening;
    element.addEventListener("pointermove", come, { signal });
    element.addEventListener("pointerdown", come, { signal });
    element.addEventListener("pointerleave", go, { signal });
    // Who writes a message is not about to click here, wherever the pointer rests.
    document.addEventListener("keydown", (event) => setPresent(isInside(event)), { signal });
    document.addEventListener("focusin", (event) => !isInside(event) && go(), { signal });
    return () => listening.abort();
  }, [element]);
  return [isPresent, setElement];
}

/** The items, or those of the moment from which on they are held. */
export function useHeld<Item>(items: readonly Item[], isHeld: boolean): readonly Item[] {
  const shown = useRef(items);
  if (!isHeld) shown.current = items;
  return shown.current;
}
