// The messages of the open conversation. The view follows the end unless the user has scrolled up.
import { useLayoutEffect, useRef, useState } from "react";
import { ErrorBoundary } from "../shared/ErrorBoundary";
import { useNow } from "../shared/hooks";
import { useChat } from "./hooks";
import { MessageItem } from "./MessageItem";
import { OutgoingItem } from "./OutgoingItem";
import type { Message } from "./protocol";
import { isLocal } from "./state";
import { StreamingItem } from "./StreamingItem";
import { byQueueTime, isOpen } from "./tasks";
import { Welcome } from "./Welcome";

const NEAR_END_PX = 48;

export function Thread() {
  const { open, threads, outbox, tasks, partialAnswers } = useChat();
  const thread = threads[open];
  const messages = thread?.messages ?? [];
  const received = new Set(messages.map((message) => message.client_id));
  const outgoing = outbox.filter((one) => one.chat === open && !received.has(one.clientId));
  const working = Object.values(tasks).filter((task) => task.chat_id === open && isOpen(task)).sort(byQueueTime);
  const now = useNow(working.length > 0);
  const { box, isScrolledUp, scrollToEnd, onScroll } = useFollowEnd(outgoing.length);

  if (isLocal(open) && outgoing.length === 0) return <Welcome />;
  return (
    <div className="thread-frame">
      <section className="thread" ref={box} onScroll={onScroll} tabIndex={0} aria-label="Conversation">
        <ol>
          {messages.map((message) => (
            <ErrorBoundary key={message.message_id} fallback={<Unshown />} of={message}>
              <MessageItem
                message={message} task={tasks[message.task_id ?? ""]} retryText={retryTextOf(messages, message)}
              />
            </ErrorBoundary>
          ))}
          {working.map((task) => (
            <ErrorBoundary key={task.task_id} fallback={<Unshown />} of={partialAnswers[task.task_id]}>
              <StreamingItem task={task} partial={partialAnswers[task.task_id]} now={now} />
            </ErrorBoundary>
          ))}
          {outgoing.map((one) => <OutgoingItem key={one.clientId} outgoing={one} />)}
        </ol>
        {!thread?.isComplete && !isLocal(open) && <p className="faint" role="status">Loading…</p>}
      </section>
      {isScrolledUp && <button type="button" className="button to-end" onClick={scrollToEnd}>Jump to latest ↓</button>}
    </div>
  );
}

function Unshown() {
  return <li className="message error"><p className="plain-text">This message cannot be shown.</p></li>;
}

/** The text that Retry sends again: a user's own message, or the one that failed with an error. */
function retryTextOf(messages: readonly Message[], message: Message): string | null {
  if (message.role === "user") return message.message;
  if (message.role !== "error" || !message.task_id) return null;
  return messages.find((other) => other.role === "user" && other.task_id === message.task_id)?.message ?? null;
}

/** Keep the end in view while content grows, unless the user has scrolled up; sending scrolls to the end. */
function useFollowEnd(outgoing: number) {
  const box = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const lastTop = useRef(0);
  const [isScrolledUp, setScrolledUp] = useState(false);
  const scrollToEnd = () => {
    isAtEnd.current = true;
    if (!box.current) return;
    box.current.scrollTop = box.current.scrollHeight;
    lastTop.current = box.current.scrollTop;
  };
  const onScroll = () => {
    if (!box.current) return;
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    const isNearEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    // The event may come after the content has grown again: only who scrolls up leaves the end.
    isAtEnd.current = isNearEnd || (isAtEnd.current && scrollTop >= lastTop.current);
    lastTop.current = scrollTop;
    setScrolledUp(!isAtEnd.current);
  };
  useLayoutEffect(() => {
    const content = box.current?.firstElementChild;
    if (!box.current || !content) return;
    const observer = new ResizeObserver(() => isAtEnd.current && scrollToEnd());
    observer.observe(box.current);
    observer.observe(content);
    return () => observer.disconnect();
  }, [outgoing > 0]);
  useLayoutEffect(() => {
    if (outgoing > 0) scrollToEnd();
  }, [outgoing]);
  return { box, isScrolledUp, scrollToEnd, onScroll };
}
