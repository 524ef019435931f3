// Access to the client and its state from components.
import { createContext, useContext } from "react";
import { useObservable } from "../shared/hooks";
import type { Client } from "./client";
import type { State } from "./state";

export const ClientContext = createContext<Client | null>(null);

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error("No ClientContext above this component.");
  return client;
}

export function useChat(): State {
  return useObservable(useClient().store);
}
