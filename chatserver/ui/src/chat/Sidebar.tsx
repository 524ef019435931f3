// The conversations, the tasks that wait or run, and who is logged in.
import { addressOf } from "./address";
import { useChat, useClient } from "./hooks";
import { Mark } from "../shared/Mark";
import { RunningTasks } from "./RunningTasks";
import { NEW } from "./state";
import { isOpen } from "./tasks";
import { Time } from "../shared/Time";
import type { User } from "./wire";

export function Sidebar({ user, onChosen }: { user: User; onChosen: () => void }) {
  const client = useClient();
  const { nextCursor } = useChat();
  const begin = () => {
    client.open(NEW);
    onChosen();
    document.getElementById("message")?.focus();
  };
  return (
    <div className="sidebar">
      <div className="brand">
        <Mark size={28} />
        <strong>hookmeter</strong>
        <a className="button plain small" href="/">Dashboard</a>
      </div>
      <button type="button" className="button main" onClick={begin}>New conversation</button>
      <RunningTasks />
      <nav aria-label="Conversations" className="chats">
        <h2>Conversations</h2>
        <Conversations onChosen={onChosen} />
        {nextCursor && (
          <button type="button" className="button plain small" onClick={() => void client.moreChats()}>
            Show older ones
          </button>
        )}
      </nav>
      <div className="who">
        <span title={user.role}>{user.name}</span>
        <button type="button" className="button plain small" onClick={() => void client.logOut()}>Log out</button>
      </div>
    </div>
  );
}

function Conversations({ onChosen }: { onChosen: () => void }) {
  const { chats, open, unread, tasks } = useChat();
  const busy = new Set(Object.values(tasks).filter(isOpen).map((task) => task.chat_id));
  if (chats.length === 0) return <p className="faint">What you talk about will be listed here.</p>;
  return (
    <ul>
      {chats.map(({ session_id: chat, title, updated_at }) => (
        <li key={chat}>
          <a href={addressOf(chat)} aria-current={chat === open ? "page" : undefined} onClick={onChosen}>
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
