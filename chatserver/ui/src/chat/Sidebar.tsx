// The sidebar: running tasks and conversations.
import { Time } from "../shared/Time";
import { hashOf } from "./address";
import { useChat, useClient } from "./hooks";
import { RunningTasks } from "./RunningTasks";
import { NEW } from "./state";
import { isOpen } from "./tasks";

export function Sidebar({ onSelect }: { onSelect: () => void }) {
  const client = useClient();
  const { nextCursor } = useChat();
  const startConversation = () => {
    client.open(NEW);
    onSelect();
    document.getElementById("message")?.focus();
  };
  return (
    <div className="sidebar">
      <button type="button" className="button main" onClick={startConversation}>New conversation</button>
      <RunningTasks />
      <nav aria-label="Conversations" className="chats">
        <h2>Conversations</h2>
        <Conversations onSelect={onSelect} />
        {nextCursor && (
          <button type="button" className="button plain small" onClick={() => void client.loadMoreChats()}>
            Show more
          </button>
        )}
      </nav>
    </div>
  );
}

function Conversations({ onSelect }: { onSelect: () => void }) {
  const { chats, open, unread, tasks } = useChat();
  const busy = new Set(Object.values(tasks).filter(isOpen).map((task) => task.chat_id));
  if (chats.length === 0) return <p className="faint">No conversations yet. Send a message to start one.</p>;
  return (
    <ul>
      {chats.map(({ session_id: chat, title, updated_at }) => (
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
