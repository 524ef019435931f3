// What the components read: the client and its state.
import { createContext, useContext, useSyncExternalStore } from "react";
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
