// Which conversation is open stands in the page's address, so that it is found again.
import { useEffect } from "react";
import { useChat, useClient } from "./hooks";
import { isUnheard, NEW } from "./state";

const FORM = /^#chat=([A-Za-z0-9_-]{1,64})$/;

export function addressOf(chat: string): string {
  return isUnheard(chat) ? "#" : `#chat=${chat}`;
}

/** Open what the address names, and have it name what is open. */
export function useAddress(): void {
  const client = useClient();
  const { open } = useChat();
  useEffect(() => {
    const follow = () => {
      const chat = FORM.exec(location.hash)?.[1] ?? NEW;
      if (chat !== NEW || !isUnheard(client.store.state.open)) client.open(chat);
    };
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [client]);
  useEffect(() => {
    if (addressOf(open) !== (location.hash || "#")) history.replaceState(null, "", addressOf(open));
  }, [open]);
}
