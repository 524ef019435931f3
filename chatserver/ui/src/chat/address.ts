// The open conversation as the hash of the URL, so that it survives a reload.
import { useEffect } from "react";
import { useChat, useClient } from "./hooks";
import { isLocal, NEW } from "./state";

const HASH = /^#chat=([A-Za-z0-9_-]{1,64})$/;

export function hashOf(chat: string): string {
  return isLocal(chat) ? "#" : `#chat=${chat}`;
}

/** Keep the hash and the open conversation in sync, in both directions. */
export function useAddress(): void {
  const client = useClient();
  const { open } = useChat();
  useEffect(() => {
    const openFromHash = () => {
      const chat = HASH.exec(location.hash)?.[1] ?? NEW;
      if (chat !== NEW || !isLocal(client.store.value.open)) client.open(chat);
    };
    openFromHash();
    addEventListener("hashchange", openFromHash);
    return () => removeEventListener("hashchange", openFromHash);
  }, [client]);
  useEffect(() => {
    if (hashOf(open) !== (location.hash || "#")) history.replaceState(null, "", hashOf(open));
  }, [open]);
}
