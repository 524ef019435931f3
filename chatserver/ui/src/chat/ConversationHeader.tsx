// The title of the open conversation, with the menu button on narrow screens and the delete button.
import { useEffect } from "react";
import { DeleteButton } from "./DeleteButton";
import { useChat } from "./hooks";
import { isLocal } from "./state";
import { isOpen } from "./tasks";

export function ConversationHeader({ onMenu }: { onMenu: (() => void) | null }) {
  const { chats, open, tasks, user } = useChat();
  const title = chats.find((chat) => chat.session_id === open)?.title ?? "New conversation";
  const running = Object.values(tasks).filter((task) => isOpen(task) && task.user_id === user?.user_id).length;
  useEffect(() => {
    document.title = `${running ? `(${running}) ` : ""}${title} · hookmeter`;
  }, [title, running]);
  return (
    <header className="conversation-header">
      {onMenu && (
        <button type="button" className="button plain menu" onClick={onMenu} aria-haspopup="dialog">
          <span aria-hidden="true">☰</span>
          <span className="visually-hidden">Conversations and tasks{running > 0 && `, ${running} running`}</span>
          {running > 0 && <span className="badge" aria-hidden="true">{running}</span>}
        </button>
      )}
      <h1 title={title}>{title}</h1>
      {!isLocal(open) && <DeleteButton chat={open} title={title} />}
    </header>
  );
}
