// Hooks for the page's state, its route, and for sizes on the screen.
import { useEffect, useRef, useState, type RefObject } from "react";
import { useObservable } from "../shared/hooks";
import { client, type State } from "./client";
import { currentRoute, type Route } from "./route";

export function useDashboard(): State {
  return useObservable(client.state);
}

export function useRoute(): Route {
  return useObservable(currentRoute);
}

/** The width of an element in whole pixels; 0 before the first layout. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

export interface VisibleRows {
  scroller: RefObject<HTMLDivElement | null>;
  first: number;
  last: number;
}

const OVERSCAN = 8;

/** Which rows of a scrolled list to render: the visible ones and a few more. All rows have the same height. */
export function useVisibleRows(count: number, height: number, onEnd?: () => void): VisibleRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [visible, setVisible] = useState({ first: 0, last: 40 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => {
      const first = Math.max(0, Math.floor(element.scrollTop / height) - OVERSCAN);
      const last = Math.ceil((element.scrollTop + element.clientHeight) / height) + OVERSCAN;
      setVisible((previous) => (previous.first === first && previous.last === last ? previous : { first, last }));
      if (last >= count && element.scrollTop > 0) onEnd?.();
    };
    measure();
    element.addEventListener("scroll", measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", measure);
      observer.disconnect();
    };
  }, [count, height, onEnd]);
  return { scroller, first: Math.min(visible.first, count), last: Math.min(visible.last, count) };
}
