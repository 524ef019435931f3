// What the components read: the client's state, the place, and what a list shows of its many rows.
import { useEffect, useRef, useState, useSyncExternalStore, type RefObject } from "react";
import { client, type State } from "./client";
import { readPlace, subscribePlace, type Place } from "./place";

export function useDashboard(): State {
  return useSyncExternalStore(client.subscribe, client.read);
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribePlace, readPlace);
}

/** The width of an element, as it changes. */
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

export interface Window {
  scroller: RefObject<HTMLDivElement | null>;
  first: number;
  last: number;
}

const BEYOND = 8;

/** Which rows of a long list are in sight, and a few beyond; all are of one height. */
export function useWindow(rows: number, height: number, onEnd?: () => void): Window {
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ first: 0, last: 40 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => {
      const first = Math.max(0, Math.floor(element.scrollTop / height) - BEYOND);
      const last = Math.ceil((element.scrollTop + element.clientHeight) / height) + BEYOND;
      setSeen((known) => (known.first === first && known.last === last ? known : { first, last }));
      if (last >= rows && element.scrollTop > 0) onEnd?.();
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      observer.disconnect();
    };
  }, [rows, height, onEnd]);
  return { scroller, first: Math.min(seen.first, rows), last: Math.min(seen.last, rows) };
}
