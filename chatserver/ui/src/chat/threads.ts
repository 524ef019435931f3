// The messages of each conversation, ordered and without duplicates.
import type { Message } from "./protocol";

export interface Thread {
  messages: readonly Message[];
  /** Whether the whole history has been loaded. */
  isComplete: boolean;
}

export type Threads = Readonly<Record<string, Thread>>;

/** Add messages to the thread of a conversation. */
export function withMessages(threads: Threads, chat: string, more: Message[], isComplete: boolean): Threads {
  const known = threads[chat] ?? { messages: [], isComplete: false };
  const thread = { messages: merge(known.messages, more), isComplete: known.isComplete || isComplete };
  return { ...threads, [chat]: thread };
}

function merge(known: readonly Message[], more: Message[]): readonly Message[] {
  const ids = new Set(known.map((message) => message.message_id));
  const added = more.filter((message) => !ids.has(message.message_id));
  if (added.length === 0) return known;
  return [...known, ...added].sort((a, b) => a.message_id - b.message_id);
}
