// The page of a logged-in user: a sidebar, and the open conversation.
import { useEffect, useRef, useState } from "react";
import { AccountButton } from "../shared/AccountButton";
import { useMedia } from "../shared/hooks";
import { SiteHeader } from "../shared/SiteHeader";
import type { User } from "../shared/types";
import { useAddress } from "./address";
import { Announcer } from "./Announcer";
import { Composer } from "./Composer";
import { ConversationHeader } from "./ConversationHeader";
import { useChat, useClient } from "./hooks";
import { Sidebar } from "./Sidebar";
import { NEW } from "./state";
import { Thread } from "./Thread";

const NARROW = "(max-width: 47.99rem)";

export function Workspace({ user }: { user: User }) {
  const { open } = useChat();
  const isNarrow = useMedia(NARROW);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const drawer = useRef<HTMLDialogElement>(null);
  useAddress();
  useEffect(() => {
    if (isMenuOpen && isNarrow) drawer.current?.showModal();
    else drawer.current?.close();
  }, [isMenuOpen, isNarrow]);
  useEffect(() => setMenuOpen(false), [open]);

  const sidebar = <Sidebar isDrawer={isNarrow} onSelect={() => setMenuOpen(false)} />;
  return (
    <>
      <a className="skip" href="#message" onClick={(event) => { event.preventDefault(); focusMessage(); }}>
        Skip to message box
      </a>
      <SiteHeader current="chat" account={<Account user={user} />} />
      <div className="workspace">
        {isNarrow ? (
          <dialog
            ref={drawer} className="drawer" aria-label="Conversations and tasks" onClose={() => setMenuOpen(false)}
            onClick={(event) => event.target === event.currentTarget && setMenuOpen(false)}
          >
            {isMenuOpen && sidebar}
          </dialog>
        ) : (
          <aside className="side" aria-label="Conversations and tasks">{sidebar}</aside>
        )}
        <main className="conversation">
          <ConversationHeader onMenu={isNarrow ? () => setMenuOpen(true) : null} />
          <Banners />
          <Thread key={open.startsWith(NEW) ? NEW : open} />
          <Composer />
        </main>
      </div>
      <Announcer />
    </>
  );
}

function Account({ user }: { user: User }) {
  const client = useClient();
  return (
    <>
      <AccountButton user={user} onNewToken={() => client.reconnect()} onLoggedOutEverywhere={() => client.leaveEverywhere()} />
      <button type="button" className="button plain small" onClick={() => void client.logOut()}>Log out</button>
    </>
  );
}

function Banners() {
  const { online, notice } = useChat();
  const client = useClient();
  return (
    <>
      {!online && <p className="banner" role="status">Reconnecting… Messages you send now are delivered once you are back online.</p>}
      {notice && (
        <div className="banner bad" role="alert">
          <span>{notice}</span>
          <button type="button" className="button plain small" onClick={() => client.dismissNotice()}>Dismiss</button>
        </div>
      )}
    </>
  );
}

function focusMessage(): void {
  document.getElementById("message")?.focus();
}
