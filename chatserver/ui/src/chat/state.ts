// The state of the page, and how each action changes it: a pure reducer.
import type { User } from "../shared/types";
import { NO_CHOICES, type Choices, type TaskOptions } from "./choices";
import type { Chat, Chunk, Command, Message, Task } from "./protocol";
import { newer } from "./tasks";
import { withMessages, type Threads } from "./threads";

/** The ID of the conversation that the next message starts; also the prefix of those the server has not confirmed. */
export const NEW = "new";

/** A message that is not acknowledged yet; the error is the server's reason to reject it. */
export interface Outgoing {
  clientId: string;
  chat: string;
  text: string;
  at: string;
  options: Record<string, string | number>;
  error: string | null;
}

/** An answer as far as it has been streamed, with the tool in use. */
export interface PartialAnswer {
  chat: string;
  text: string;
  tool: string | null;
}

export interface State {
  user: User | null | undefined; // undefined until the server has answered
  ownerId: string; // the user that the rest belongs to, kept while logged out
  logOutReason: string;
  online: boolean;
  notice: string;
  chats: Chat[];
  nextCursor: string | null;
  open: string;
  threads: Threads;
  outbox: Outgoing[];
  partialAnswers: Readonly<Record<string, PartialAnswer>>; // by task
  tasks: Readonly<Record<string, Task>>;
  drafts: Readonly<Record<string, string>>;
  unread: ReadonlySet<string>;
  commands: Command[];
  taskOptions: TaskOptions | null;
  choices: Choices; // of the next task
  lastId: number; // on reconnect, the server sends what follows it
}

export type Action =
  | { kind: "loggedIn"; user: User }
  | { kind: "loggedOut"; reason: string }
  | { kind: "connected" }
  | { kind: "disconnected" }
  | { kind: "noticeChanged"; notice: string }
  | { kind: "chatsLoaded"; chats: Chat[]; nextCursor: string | null; isNextPage: boolean }
  | { kind: "threadLoaded"; chat: string; messages: Message[] }
  | { kind: "historyLoaded"; lastId: number }
  | { kind: "messageReceived"; message: Message }
  | { kind: "chunkReceived"; chunk: Chunk }
  | { kind: "tasksLoaded"; tasks: Task[] }
  | { kind: "taskGone"; taskId: string }
  | { kind: "commandsLoaded"; commands: Command[] }
  | { kind: "taskOptionsLoaded"; taskOptions: TaskOptions }
  | { kind: "chosen"; change: Partial<Choices> }
  | { kind: "chatOpened"; chat: string }
  | { kind: "draftChanged"; chat: string; text: string }
  | { kind: "queued"; outgoing: Outgoing }
  | { kind: "acknowledged"; message: Message }
  | { kind: "rejected"; clientId: string; error: string }
  | { kind: "retried"; clientId: string; options: Outgoing["options"] }
  | { kind: "discarded"; clientId: string }
  | { kind: "chatDeleted"; chat: string };

export const INITIAL_STATE: State = {
  user: undefined,
  ownerId: "",
  logOutReason: "",
  online: false,
  notice: "",
  chats: [],
  nextCursor: null,
  open: NEW,
  threads: {},
  outbox: [],
  partialAnswers: {},
  tasks: {},
  drafts: {},
  unread: new Set(),
  commands: [],
  taskOptions: null,
  choices: NO_CHOICES,
  lastId: 0,
};

/** Whether a conversation exists on this page only: the server has not confirmed its first message yet. */
export function isLocal(chat: string): boolean {
  return chat.startsWith(NEW);
}

export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case "loggedIn":
      return withUser(state, action.user);
    case "loggedOut":
      return { ...state, user: null, logOutReason: action.reason, online: false };
    case "connected":
      return { ...state, online: true };
    case "disconnected":
      return { ...state, online: false };
    case "noticeChanged":
      return { ...state, notice: action.notice };
    case "chatsLoaded":
      return { ...state, chats: mergeChats(action.isNextPage ? state.chats : [], action.chats), nextCursor: action.nextCursor };
    case "threadLoaded":
      return { ...state, threads: withMessages(state.threads, action.chat, action.messages, true) };
    case "historyLoaded":
      return { ...state, lastId: action.lastId };
    case "messageReceived":
      return withMessage({ ...state, lastId: Math.max(state.lastId, action.message.message_id) }, action.message);
    case "chunkReceived":
      return { ...state, partialAnswers: withChunk(state.partialAnswers, action.chunk) };
    case "tasksLoaded":
      return { ...state, tasks: action.tasks.reduce(withTask, state.tasks) };
    case "taskGone":
      return { ...state, tasks: withoutTask(state.tasks, action.taskId) };
    case "commandsLoaded":
      return { ...state, commands: action.commands };
    case "taskOptionsLoaded":
      return { ...state, taskOptions: action.taskOptions };
    case "chosen":
      return { ...state, choices: { ...state.choices, ...action.change } };
    case "chatOpened":
      return { ...state, open: action.chat, unread: without(state.unread, action.chat) };
    case "draftChanged":
      return { ...state, drafts: { ...state.drafts, [action.chat]: action.text } };
    case "queued":
      return withOutgoing(state, action.outgoing);
    case "acknowledged":
      return withoutOutgoing(withMessage(state, action.message), action.message.client_id);
    case "rejected":
      return withOutgoingChange(state, action.clientId, { error: action.error });
    case "retried":
      return withOutgoingChange(state, action.clientId, { error: null, options: action.options });
    case "discarded":
      return withoutOutgoing(state, action.clientId);
    case "chatDeleted":
      return withoutChat(state, action.chat);
  }
}

/** The same user finds everything as it was; another user starts with nothing. */
function withUser(state: State, user: User): State {
  const isSame = state.ownerId === "" || state.ownerId === user.user_id;
  return { ...(isSame ? state : INITIAL_STATE), user, ownerId: user.user_id, logOutReason: "" };
}

function mergeChats(known: Chat[], more: Chat[]): Chat[] {
  const ids = new Set(more.map((chat) => chat.session_id));
  return [...known.filter((chat) => !ids.has(chat.session_id)), ...more];
}

function withMessage(state: State, message: Message): State {
  const chat = message.session_id;
  const confirmed = message.role === "user" ? withConfirmedChat(state, message) : state;
  const { [message.task_id ?? ""]: _, ...otherAnswers } = confirmed.partialAnswers;
  const isAnswer = message.role !== "user";
  return {
    ...confirmed,
    threads: withMessages(confirmed.threads, chat, [message], false),
    partialAnswers: isAnswer ? otherAnswers : confirmed.partialAnswers,
    chats: withLatestFirst(confirmed.chats, message),
    unread: isAnswer && confirmed.open !== chat ? new Set([...confirmed.unread, chat]) : confirmed.unread,
  };
}

/** Replace a local conversation's ID by the one that the server gave it with its first message. */
function withConfirmedChat(state: State, message: Message): State {
  const local = state.outbox.find((one) => one.clientId === message.client_id)?.chat;
  if (local === undefined || !isLocal(local)) return state;
  const chat = message.session_id;
  const { [local]: draft, ...drafts } = state.drafts;
  return {
    ...state,
    open: state.open === local ? chat : state.open,
    unread: state.open === local ? without(state.unread, chat) : state.unread,
    outbox: state.outbox.map((one) => (one.chat === local ? { ...one, chat } : one)),
    drafts: draft ? { ...drafts, [chat]: draft } : drafts,
    threads: withMessages(state.threads, chat, [], true),
  };
}

/** Move the message's conversation to the top of the list. */
function withLatestFirst(chats: Chat[], message: Message): Chat[] {
  const found = chats.find((chat) => chat.session_id === message.session_id);
  if (!found) return chats;
  const updated_at = message.created_at > found.updated_at ? message.created_at : found.updated_at;
  return [{ ...found, updated_at }, ...chats.filter((chat) => chat !== found)];
}

function withChunk(answers: State["partialAnswers"], chunk: Chunk): State["partialAnswers"] {
  const previous = chunk.index === 0 ? "" : (answers[chunk.task_id]?.text ?? "");
  return { ...answers, [chunk.task_id]: { chat: chunk.session_id, text: previous + chunk.message, tool: chunk.tool } };
}

function withTask(tasks: State["tasks"], task: Task): State["tasks"] {
  return { ...tasks, [task.task_id]: newer(tasks[task.task_id], task) };
}

function withoutTask(tasks: State["tasks"], taskId: string): State["tasks"] {
  const { [taskId]: _, ...others } = tasks;
  return others;
}

function withOutgoing(state: State, outgoing: Outgoing): State {
  const isFirst = state.open === NEW;
  const { [state.open]: _, ...drafts } = state.drafts;
  return { ...state, drafts, outbox: [...state.outbox, outgoing], open: isFirst ? outgoing.chat : state.open };
}

function withoutOutgoing(state: State, clientId: string | null): State {
  return { ...state, outbox: state.outbox.filter((one) => one.clientId !== clientId) };
}

function withOutgoingChange(state: State, clientId: string, change: Partial<Outgoing>): State {
  return { ...state, outbox: state.outbox.map((one) => (one.clientId === clientId ? { ...one, ...change } : one)) };
}

function withoutChat(state: State, chat: string): State {
  const { [chat]: _, ...threads } = state.threads;
  return {
    ...state,
    threads,
    chats: state.chats.filter((one) => one.session_id !== chat),
    outbox: state.outbox.filter((one) => one.chat !== chat),
    partialAnswers: Object.fromEntries(Object.entries(state.partialAnswers).filter(([, answer]) => answer.chat !== chat)),
    open: state.open === chat ? NEW : state.open,
  };
}

function without(chats: ReadonlySet<string>, chat: string): ReadonlySet<string> {
  return new Set([...chats].filter((one) => one !== chat));
}
