// What the components read: the client and its state, the time, and the width of the window.
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Client } from "./client";
import type { State } from "./state";

export const ClientContext = createContext<Client | null>(null);

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error("There is no client above this component.");
  return client;
}

export function useChat(): State {
  const { store } = useClient();
  return useSyncExternalStore(store.subscribe, store.read);
}

/** The time, which goes on every second as long as it matters. */
export function useNow(matters: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!matters) return;
    const clock = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(clock);
  }, [matters]);
  return now;
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  const [list] = useState(() => matchMedia(query));
  return useSyncExternalStore(
    (changed) => {
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => list.matches,
  );
}
