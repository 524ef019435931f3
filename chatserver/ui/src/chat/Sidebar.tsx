// The sidebar: conversations, and below them all tasks that run. While a person is there, neither moves.
import { Time } from "../shared/Time";
import { hashOf } from "./address";
import { useHeld, usePresence } from "./held";
import { useChat, useClient } from "./hooks";
import type { Chat } from "./protocol";
import { RunningTasks } from "./RunningTasks";
import { NEW } from "./state";
import { isOpen } from "./tasks";

interface Props {
  isDrawer: boolean; // which is open for as long as somebody chooses
  onSelect: () => void;
}

export function Sidebar({ isDrawer, onSelect }: Props) {
  const client = useClient();
  const { nextCursor } = useChat();
  const [isPresent, sidebar] = usePresence();
  const isHeld = isDrawer || isPresent;
  const startConversation = () => {
    client.open(NEW);
    onSelect();
    document.getElementById("message")?.focus();
  };
  return (
    <div className="sidebar" ref={sidebar}>
      <button type="button" className="button main" onClick={startConversation}>New conversation</button>
      <nav aria-label="Conversations" className="chats">
        <h2>Conversations</h2>
        <Conversations isHeld={isHeld} onSelect={onSelect} />
        {nextCursor && (
          <button type="button" className="button plain small" onClick={() => void client.loadMoreChats()}>
            Show more
          </button>
        )}
      </nav>
      <RunningTasks isHeld={isHeld} />
    </div>
  );
}

function Conversations({ isHeld, onSelect }: { isHeld: boolean; onSelect: () => void }) {
  const { chats, open, unread, tasks } = useChat();
  const busy = new Set(Object.values(tasks).filter(isOpen).map((task) => task.chat_id));
  const shown = withOthersLast(useHeld(chats, isHeld), chats);
  if (shown.length === 0) return <p className="faint">No conversations yet. Send a message to start one.</p>;
  return (
    <ul>
      {shown.map(({ session_id: chat, title, updated_at }) => (
        <li key={chat}>
          <a href={hashOf(chat)} aria-current={chat === open ? "page" : undefined} onClick={onSelect}>
            <span className="title">{title}</span>
            <span className="faint">
              <Time at={updated_at} />
              {busy.has(chat) && <span className="state"> · working</span>}
              {unread.has(chat) && <strong className="state"> · new</strong>}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The conversations that are held, as they are by now, and after them the others. */
function withOthersLast(held: readonly Chat[], chats: readonly Chat[]): readonly Chat[] {
  const current = new Map(chats.map((chat) => [chat.session_id, chat]));
  const ids = new Set(held.map((chat) => chat.session_id));
  return [
    ...held.map((chat) => current.get(chat.session_id) ?? chat),
    ...chats.filter((chat) => !ids.has(chat.session_id)),
  ];
}
