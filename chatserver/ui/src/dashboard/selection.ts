// The session that j and k move to. It is kept by its id, so that rows may be replaced meanwhile; keys that come before the rows
// which they lead to are carried out as soon as those are there.
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

interface Selected {
  id: string;
  /** Where it was, from which to move on once it is gone. */
  place: number;
}

interface Listed {
  /** What the rows are of; with another list, the selection starts over unless its session is in both. */
  list: string;
  /** The ids of the rows in their order. */
  ids: readonly string[];
  /** Whether the rows of another list are about to replace them. */
  isLoading: boolean;
  /** Whether further rows follow that are not loaded yet. */
  hasMore: boolean;
  loadMore: () => void;
  rowHeight: number;
}

export interface Selection {
  /** The table; the element `.rows` in it is scrolled. */
  table: RefObject<HTMLDivElement | null>;
  /** The id of the session to focus as soon as its row is rendered. */
  wanted: string | null;
  onFocus: (id: string) => void;
  move: (by: number) => void;
}

export function useSelection({ list, ids, isLoading, hasMore, loadMore, rowHeight }: Listed): Selection {
  const table = useRef<HTMLDivElement>(null);
  const selected = useRef<Selected | null>(null);
  const pending = useRef(0); // by how many rows to move
  const [wanted, setWanted] = useState<string | null>(null);
  const rowsOf = () => table.current?.querySelector(".rows");
  const moveOn = () => {
    if (pending.current === 0 || isLoading) return;
    const next = placeOf(selected.current, ids, pending.current) + pending.current;
    const place = Math.max(0, Math.min(ids.length - 1, next));
    const id = ids[place];
    pending.current = hasMore && next > place ? next - place : 0;
    if (id === undefined) return;
    if (place === ids.length - 1) loadMore();
    selected.current = { id, place };
    reveal(rowsOf(), place * rowHeight, rowHeight);
    setWanted(id);
  };
  const move = (by: number) => {
    pending.current += by;
    moveOn();
  };
  useEffect(() => {
    if (selected.current && !ids.includes(selected.current.id)) selected.current = null;
  }, [list]);
  useEffect(moveOn, [ids, isLoading]);

  const hadFocus = rowsOf()?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    const isLost = hadFocus && document.activeElement === document.body; // as its row has moved
    if (isLost && selected.current) setWanted(selected.current.id);
  }, [ids]);
  useEffect(() => {
    const leave = ({ target }: FocusEvent) => {
      if (target instanceof Node && table.current?.contains(target)) return;
      pending.current = 0;
      setWanted(null);
    };
    addEventListener("focusin", leave);
    return () => removeEventListener("focusin", leave);
  }, []);
  const onFocus = (id: string) => {
    selected.current = { id, place: ids.indexOf(id) };
    setWanted(null);
  };
  return { table, wanted, onFocus, move };
}

/** The place from which to move; of a session that is gone, the one that the others have closed. */
function placeOf(selected: Selected | null, ids: readonly string[], by: number): number {
  if (!selected) return -1;
  const place = ids.indexOf(selected.id);
  if (place >= 0) return place;
  return by > 0 ? selected.place - 1 : selected.place;
}

/** Scroll as little as needed to show a row completely. */
function reveal(scroller: Element | null | undefined, top: number, height: number): void {
  if (!scroller) return;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + height - scroller.clientHeight;
}
