// The messages of each conversation, in their order and each once, whichever way they came.
import type { Message } from "./wire";

/** `whole` once everything that was said before has been loaded. */
export interface Thread {
  messages: readonly Message[];
  whole: boolean;
}

export type Threads = Readonly<Record<string, Thread>>;

/** The threads with more messages of one. */
export function withMessages(threads: Threads, chat: string, more: Message[], whole: boolean): Threads {
  const known = threads[chat] ?? { messages: [], whole: false };
  const thread = { messages: merged(known.messages, more), whole: known.whole || whole };
  return { ...threads, [chat]: thread };
}

function merged(known: readonly Message[], more: Message[]): readonly Message[] {
  const ids = new Set(known.map((message) => message.message_id));
  const unknown = more.filter((message) => !ids.has(message.message_id));
  if (unknown.length === 0) return known;
  return [...known, ...unknown].sort((one, other) => one.message_id - other.message_id);
}
