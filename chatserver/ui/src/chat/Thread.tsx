// The open conversation, which stays at its end as long as nobody scrolls up.
import { useLayoutEffect, useRef, useState } from "react";
import { useChat } from "./hooks";
import { useNow } from "../shared/hooks";
import { MessageItem } from "./MessageItem";
import { OutgoingItem } from "./OutgoingItem";
import { isUnheard } from "./state";
import { isOpen } from "./tasks";
import { Welcome } from "./Welcome";
import type { Message } from "./wire";
import { WorkItem } from "./WorkItem";

const NEAR = 48;

export function Thread() {
  const { open, threads, outbox, tasks, writings } = useChat();
  const thread = threads[open];
  const messages = thread?.messages ?? [];
  const said = new Set(messages.map((message) => message.client_id));
  const sending = outbox.filter((one) => one.chat === open && !said.has(one.clientId));
  const working = Object.values(tasks)
    .filter((task) => task.chat_id === open && isOpen(task))
    .sort((one, other) => one.queued_at.localeCompare(other.queued_at));
  const now = useNow(working.length > 0);
  const { box, isBelow, toEnd, onScroll } = useEnd(sending.length);

  if (isUnheard(open) && sending.length === 0) return <Welcome />;
  return (
    <div className="thread-frame">
      <section className="thread" ref={box} onScroll={onScroll} tabIndex={0} aria-label="Conversation">
        <ol>
          {messages.map((message) => (
            <MessageItem
              key={message.message_id} message={message} task={tasks[message.task_id ?? ""]}
              asked={askedBy(messages, message)}
            />
          ))}
          {working.map((task) => (
            <WorkItem key={task.task_id} task={task} writing={writings[task.task_id]} now={now} />
          ))}
          {sending.map((outgoing) => <OutgoingItem key={outgoing.clientId} outgoing={outgoing} />)}
        </ol>
        {!thread?.whole && !isUnheard(open) && <p className="faint" role="status">Loading…</p>}
      </section>
      {isBelow && <button type="button" className="button to-end" onClick={toEnd}>To the end ↓</button>}
    </div>
  );
}

/** What can be asked once more: a person's message, or the one that a problem stands for. */
function askedBy(messages: readonly Message[], message: Message): string | null {
  if (message.role === "user") return message.message;
  if (message.role !== "error" || !message.task_id) return null;
  return messages.find((other) => other.role === "user" && other.task_id === message.task_id)?.message ?? null;
}

/** Whether there is more below than shows; what is added shows at once where nobody has scrolled up, or one says it. */
function useEnd(sending: number) {
  const box = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const [isBelow, setBelow] = useState(false);
  const toEnd = () => {
    isAtEnd.current = true;
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  const onScroll = () => {
    if (!box.current) return;
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
    setBelow(!isAtEnd.current);
  };
  useLayoutEffect(() => {
    const inner = box.current?.firstElementChild;
    if (!box.current || !inner) return;
    const observer = new ResizeObserver(() => isAtEnd.current && toEnd());
    observer.observe(box.current);
    observer.observe(inner);
    return () => observer.disconnect();
  }, [sending > 0]);
  useLayoutEffect(() => {
    if (sending > 0) toEnd();
  }, [sending]);
  return { box, isBelow, toEnd, onScroll };
}
