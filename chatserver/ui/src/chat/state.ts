// Everything that the page knows, and how news change it: pure.
import { withMessages, type Threads } from "./threads";
import { later } from "./tasks";
import type { Chat, Command, Message, Part, Task, User } from "./wire";

/** The conversation that begins with the next message. */
export const NEW = "new";

/** What was said and is not acknowledged yet; `refused` is the sentence why it was not taken. */
export interface Outgoing {
  clientId: string;
  chat: string;
  text: string;
  at: string;
  refused: string | null;
}

export interface Writing {
  chat: string;
  text: string;
  tool: string | null;
}

export interface State {
  user: User | null | undefined; // undefined as long as nobody knows
  owner: string; // whose the rest is, also while nobody is logged in
  goodbye: string;
  online: boolean;
  notice: string;
  chats: Chat[];
  nextCursor: string | null;
  open: string;
  threads: Threads;
  outbox: Outgoing[];
  writings: Readonly<Record<string, Writing>>;
  tasks: Readonly<Record<string, Task>>;
  drafts: Readonly<Record<string, string>>;
  unread: ReadonlySet<string>;
  commands: Command[];
  lastId: number; // the server tells what follows it
}

export type News =
  | { kind: "logged in"; user: User }
  | { kind: "logged out"; sentence: string }
  | { kind: "online" }
  | { kind: "offline" }
  | { kind: "notice"; sentence: string }
  | { kind: "chats"; chats: Chat[]; nextCursor: string | null; further: boolean }
  | { kind: "thread"; chat: string; messages: Message[] }
  | { kind: "beginning"; lastId: number }
  | { kind: "message"; message: Message }
  | { kind: "part"; part: Part }
  | { kind: "tasks"; tasks: Task[] }
  | { kind: "commands"; commands: Command[] }
  | { kind: "opened"; chat: string }
  | { kind: "draft"; chat: string; text: string }
  | { kind: "said"; outgoing: Outgoing }
  | { kind: "heard"; message: Message }
  | { kind: "refused"; clientId: string; sentence: string }
  | { kind: "again"; clientId: string }
  | { kind: "withdrawn"; clientId: string }
  | { kind: "gone"; chat: string };

export const BEGINNING: State = {
  user: undefined,
  owner: "",
  goodbye: "",
  online: false,
  notice: "",
  chats: [],
  nextCursor: null,
  open: NEW,
  threads: {},
  outbox: [],
  writings: {},
  tasks: {},
  drafts: {},
  unread: new Set(),
  commands: [],
  lastId: 0,
};

/** Whether a conversation is one of this page's alone: the server has not heard of it yet. */
export function isUnheard(chat: string): boolean {
  return chat.startsWith(NEW);
}

/** The state after the news. */
export function after(state: State, news: News): State {
  switch (news.kind) {
    case "logged in":
      return loggedIn(state, news.user);
    case "logged out":
      return { ...state, user: null, goodbye: news.sentence, online: false };
    case "online":
      return { ...state, online: true };
    case "offline":
      return { ...state, online: false };
    case "notice":
      return { ...state, notice: news.sentence };
    case "chats":
      return { ...state, chats: listed(news.further ? state.chats : [], news.chats), nextCursor: news.nextCursor };
    case "thread":
      return { ...state, threads: withMessages(state.threads, news.chat, news.messages, true) };
    case "beginning":
      return { ...state, lastId: news.lastId };
    case "message":
      return told({ ...state, lastId: Math.max(state.lastId, news.message.message_id) }, news.message);
    case "part":
      return { ...state, writings: written(state.writings, news.part) };
    case "tasks":
      return { ...state, tasks: news.tasks.reduce(withTask, state.tasks) };
    case "commands":
      return { ...state, commands: news.commands };
    case "opened":
      return { ...state, open: news.chat, unread: without(state.unread, news.chat) };
    case "draft":
      return { ...state, drafts: { ...state.drafts, [news.chat]: news.text } };
    case "said":
      return said(state, news.outgoing);
    case "heard":
      return settled(told(state, news.message), news.message.client_id);
    case "refused":
      return marked(state, news.clientId, news.sentence);
    case "again":
      return marked(state, news.clientId, null);
    case "withdrawn":
      return settled(state, news.clientId);
    case "gone":
      return gone(state, news.chat);
  }
}

/** The same person finds everything as it was; another one finds nothing of it. */
function loggedIn(state: State, user: User): State {
  const isSame = state.owner === "" || state.owner === user.user_id;
  return { ...(isSame ? state : BEGINNING), user, owner: user.user_id, goodbye: "" };
}

function listed(known: Chat[], more: Chat[]): Chat[] {
  const ids = new Set(more.map((chat) => chat.session_id));
  return [...known.filter((chat) => !ids.has(chat.session_id)), ...more];
}

function told(state: State, message: Message): State {
  const chat = message.session_id;
  const named = message.role === "user" ? renamed(state, message) : state;
  const { [message.task_id ?? ""]: _, ...others } = named.writings;
  const isAnswer = message.role !== "user";
  return {
    ...named,
    threads: withMessages(named.threads, chat, [message], false),
    writings: isAnswer ? others : named.writings,
    chats: touched(named.chats, message),
    unread: isAnswer && named.open !== chat ? new Set([...named.unread, chat]) : named.unread,
  };
}

/** A conversation that begins gets its name as soon as the server has said it. */
function renamed(state: State, message: Message): State {
  const begun = state.outbox.find((one) => one.clientId === message.client_id)?.chat;
  if (begun === undefined || !isUnheard(begun)) return state;
  const chat = message.session_id;
  const { [begun]: draft, ...drafts } = state.drafts;
  return {
    ...state,
    open: state.open === begun ? chat : state.open,
    unread: state.open === begun ? without(state.unread, chat) : state.unread,
    outbox: state.outbox.map((one) => (one.chat === begun ? { ...one, chat } : one)),
    drafts: draft ? { ...drafts, [chat]: draft } : drafts,
    threads: withMessages(state.threads, chat, [], true),
  };
}

/** The conversation in which something was said comes first. */
function touched(chats: Chat[], message: Message): Chat[] {
  const found = chats.find((chat) => chat.session_id === message.session_id);
  if (!found) return chats;
  const updated_at = message.created_at > found.updated_at ? message.created_at : found.updated_at;
  return [{ ...found, updated_at }, ...chats.filter((chat) => chat !== found)];
}

function written(writings: State["writings"], part: Part): State["writings"] {
  const before = part.index === 0 ? "" : (writings[part.task_id]?.text ?? "");
  return { ...writings, [part.task_id]: { chat: part.session_id, text: before + part.message, tool: part.tool } };
}

function withTask(tasks: State["tasks"], task: Task): State["tasks"] {
  return { ...tasks, [task.task_id]: later(tasks[task.task_id], task) };
}

function said(state: State, outgoing: Outgoing): State {
  const isFirst = state.open === NEW;
  const { [state.open]: _, ...drafts } = state.drafts;
  return { ...state, drafts, outbox: [...state.outbox, outgoing], open: isFirst ? outgoing.chat : state.open };
}

function settled(state: State, clientId: string | null): State {
  return { ...state, outbox: state.outbox.filter((one) => one.clientId !== clientId) };
}

function marked(state: State, clientId: string, refused: string | null): State {
  return { ...state, outbox: state.outbox.map((one) => (one.clientId === clientId ? { ...one, refused } : one)) };
}

function gone(state: State, chat: string): State {
  const { [chat]: _, ...threads } = state.threads;
  return {
    ...state,
    threads,
    chats: state.chats.filter((one) => one.session_id !== chat),
    outbox: state.outbox.filter((one) => one.chat !== chat),
    writings: Object.fromEntries(Object.entries(state.writings).filter(([, writing]) => writing.chat !== chat)),
    open: state.open === chat ? NEW : state.open,
  };
}

function without(chats: ReadonlySet<string>, chat: string): ReadonlySet<string> {
  return new Set([...chats].filter((one) => one !== chat));
}
