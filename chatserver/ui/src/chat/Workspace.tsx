// The page of somebody who is logged in: conversations and tasks at the side, the open conversation beside them.
import { useEffect, useRef, useState } from "react";
import { useAddress } from "./address";
import { Announcer } from "./Announcer";
import { Composer } from "./Composer";
import { Head } from "./Head";
import { useChat, useClient } from "./hooks";
import { useMedia } from "../shared/hooks";
import { Sidebar } from "./Sidebar";
import { NEW } from "./state";
import { Thread } from "./Thread";
import type { User } from "./wire";

const NARROW = "(max-width: 47.99rem)";

export function Workspace({ user }: { user: User }) {
  const { online, notice, open } = useChat();
  const client = useClient();
  const isNarrow = useMedia(NARROW);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const drawer = useRef<HTMLDialogElement>(null);
  useAddress();
  useEffect(() => {
    if (isMenuOpen && isNarrow) drawer.current?.showModal();
    else drawer.current?.close();
  }, [isMenuOpen, isNarrow]);
  useEffect(() => setMenuOpen(false), [open]);

  const sidebar = <Sidebar user={user} onChosen={() => setMenuOpen(false)} />;
  return (
    <>
      <a className="skip" href="#message" onClick={(event) => { event.preventDefault(); focusMessage(); }}>
        Skip to the message
      </a>
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
        <main className="talk">
          <Head onMenu={isNarrow ? () => setMenuOpen(true) : null} />
          {!online && (
            <p className="banner" role="status">
              The connection is lost and is being made anew. What you send now goes out then.
            </p>
          )}
          {notice && (
            <div className="banner bad" role="alert">
              <span>{notice}</span>
              <button type="button" className="button plain small" onClick={() => client.dismiss()}>Dismiss</button>
            </div>
          )}
          <Thread key={open.startsWith(NEW) ? NEW : open} />
          <Composer />
        </main>
      </div>
      <Announcer />
    </>
  );
}

function focusMessage(): void {
  document.getElementById("message")?.focus();
}
