// Tells those who listen what those who look see: that an answer is being written, and what came of it.
import { useEffect, useRef, useState } from "react";
import { useChat } from "./hooks";
import { SPEAKERS } from "./MessageItem";
import { isOpen } from "./tasks";

const MOST_CHARACTERS = 600;

export function Announcer() {
  const { open, threads, tasks } = useChat();
  const [said, setSaid] = useState("");
  const heard = useRef({ chat: "", messageId: 0 });
  const last = threads[open]?.whole ? threads[open].messages.at(-1) : undefined;
  const isWorking = Object.values(tasks).some((task) => task.chat_id === open && isOpen(task));
  useEffect(() => {
    const isNews = heard.current.chat === open && (last?.message_id ?? 0) > heard.current.messageId;
    heard.current = { chat: open, messageId: last?.message_id ?? 0 };
    if (isNews && last && last.role !== "user") {
      setSaid(`${SPEAKERS[last.role]}: ${last.message.slice(0, MOST_CHARACTERS)}`);
    }
  }, [open, last]);
  useEffect(() => {
    if (isWorking) setSaid("Claude is at work.");
  }, [isWorking]);
  return <p className="visually-hidden" role="status">{said}</p>;
}
