// Announces new answers and running work to screen readers.
import { useEffect, useRef, useState } from "react";
import { useChat } from "./hooks";
import { ROLE_NAMES } from "./MessageItem";
import { isOpen } from "./tasks";

const MAX_CHARACTERS = 600;

export function Announcer() {
  const { open, threads, tasks } = useChat();
  const [text, setText] = useState("");
  const announced = useRef({ chat: "", messageId: 0 });
  const last = threads[open]?.isComplete ? threads[open].messages.at(-1) : undefined;
  const isWorking = Object.values(tasks).some((task) => task.chat_id === open && isOpen(task));
  useEffect(() => {
    const isNew = announced.current.chat === open && (last?.message_id ?? 0) > announced.current.messageId;
    announced.current = { chat: open, messageId: last?.message_id ?? 0 };
    if (isNew && last && last.role !== "user") {
      setText(`${ROLE_NAMES[last.role]}: ${last.message.slice(0, MAX_CHARACTERS)}`);
    }
  }, [open, last]);
  useEffect(() => {
    if (isWorking) setText("Claude is working…");
  }, [isWorking]);
  return <p className="visually-hidden" role="status">{text}</p>;
}
