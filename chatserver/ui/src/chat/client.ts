// What a person can do here: each deed asks the server, and tells the store what came of it.
import { ask, Problem } from "../shared/api";
import { openLine, type ChatSocket } from "./line";
import { Outbox } from "./outbox";
import { isUnheard, NEW } from "./state";
import { Store } from "./store";
import type { ChatList, Help, LoggedIn, MessageList, Task, TaskList } from "./wire";

const CLEAR = "/clear";
const MOST_MESSAGES = 200;
const AGAIN_MS = 3000;

export type Entrance = "login" | "register";

export class Client {
  readonly store = new Store();
  readonly #socket: ChatSocket;
  readonly #outbox: Outbox;
  readonly #loading = new Set<string>();

  constructor() {
    const said = (chat: string) => this.#said(chat);
    this.#socket = openLine(this.store, {
      joined: () => void this.#catchUp(),
      refused: (sentence) => void this.#refused(sentence),
      said,
    });
    this.#outbox = new Outbox(this.store, this.#socket, said);
  }

  /** Find out who is there, and begin. */
  async begin(): Promise<void> {
    try {
      await this.#enter(await ask<LoggedIn>("GET", "/api/auth/verify"));
    } catch (error) {
      this.#failed(error);
      if (this.store.state.user === undefined) setTimeout(() => void this.begin(), AGAIN_MS);
    }
  }

  /** Log in, or make an account. Throws Problem. */
  async logIn(entrance: Entrance, name: string, password: string): Promise<void> {
    await this.#enter(await ask<LoggedIn>("POST", `/api/auth/${entrance}`, { name, password }));
  }

  async logOut(): Promise<void> {
    this.#socket.disconnect();
    await this.#attempt(async () => {
      await ask("POST", "/api/auth/logout");
      this.#leave("You are logged out.");
    });
    if (this.store.state.user) this.#socket.connect();
  }

  /** Say something in the conversation that is open; /clear begins another one. */
  say(text: string): void {
    const { open } = this.store.state;
    if (text.trim() === CLEAR) {
      this.draft("");
      this.open(NEW);
      return;
    }
    const clientId = crypto.randomUUID();
    const chat = open === NEW ? `${NEW}-${clientId}` : open;
    const at = new Date().toISOString();
    this.store.tell({ kind: "said", outgoing: { clientId, chat, text, at, refused: null } });
    void this.#outbox.send();
  }

  /** Send once more what was refused. */
  sayAgain(clientId: string): void {
    this.store.tell({ kind: "again", clientId });
    void this.#outbox.send();
  }

  withdraw(clientId: string): void {
    this.store.tell({ kind: "withdrawn", clientId });
  }

  draft(text: string): void {
    this.store.tell({ kind: "draft", chat: this.store.state.open, text });
  }

  dismiss(): void {
    this.store.tell({ kind: "notice", sentence: "" });
  }

  open(chat: string): void {
    this.store.tell({ kind: "opened", chat });
    void this.#load(chat);
  }

  async deleteChat(chat: string): Promise<void> {
    await this.#attempt(async () => {
      if (!isUnheard(chat)) await ask("DELETE", `/api/chats/${encodeURIComponent(chat)}`);
      this.store.tell({ kind: "gone", chat });
    });
  }

  async stop(taskId: string): Promise<void> {
    await this.#attempt(async () => {
      const task = await ask<Task>("POST", `/api/tasks/stop/${encodeURIComponent(taskId)}`);
      this.store.tell({ kind: "tasks", tasks: [task] });
    });
  }

  async moreChats(): Promise<void> {
    await this.#attempt(() => this.#listChats(this.store.state.nextCursor));
  }

  /** Load what there is, then follow what comes; the newest conversation holds the last message of all. */
  async #enter({ user }: LoggedIn): Promise<void> {
    this.store.tell({ kind: "logged in", user });
    if (this.store.state.lastId === 0) {
      const [newest] = (await this.#listChats(null)).chats;
      const lastId = newest ? await this.#loadWhole(newest.session_id) : 0;
      this.store.tell({ kind: "beginning", lastId });
    }
    this.#socket.connect();
    const help = await ask<Help>("POST", "/api/commands", { command: "/help" });
    this.store.tell({ kind: "commands", commands: help.data?.commands ?? [] });
  }

  async #catchUp(): Promise<void> {
    void this.#outbox.send();
    await this.#attempt(async () => {
      const { tasks } = await ask<TaskList>("GET", "/api/tasks");
      this.store.tell({ kind: "tasks", tasks });
      await this.#listChats(null);
      await this.#load(this.store.state.open);
    });
  }

  /** List the conversation in which something was said, unless it is listed already. */
  #said(chat: string): void {
    if (this.store.state.chats.some((one) => one.session_id === chat)) return;
    void this.#attempt(() => this.#listChats(null));
  }

  async #listChats(cursor: string | null): Promise<ChatList> {
    const from = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const list = await ask<ChatList>("GET", `/api/chats${from}`);
    this.store.tell({ kind: "chats", chats: list.chats, nextCursor: list.next_cursor, further: cursor !== null });
    return list;
  }

  async #load(chat: string): Promise<void> {
    if (isUnheard(chat) || this.store.state.threads[chat]?.whole || this.#loading.has(chat)) return;
    this.#loading.add(chat);
    await this.#attempt(() => this.#loadWhole(chat));
    this.#loading.delete(chat);
  }

  /** All messages of a conversation; gives the id of the last one. */
  async #loadWhole(chat: string): Promise<number> {
    const messages = [];
    for (let afterId: number | null = 0; afterId !== null; ) {
      const path = `/api/chats/${encodeURIComponent(chat)}/messages?limit=${MOST_MESSAGES}&after_id=${afterId}`;
      const page: MessageList = await ask<MessageList>("GET", path);
      messages.push(...page.messages);
      afterId = page.next_after_id;
    }
    this.store.tell({ kind: "thread", chat, messages });
    return messages.at(-1)?.message_id ?? 0;
  }

  /** Ask who is logged in still: a token that is good no longer is another matter than a server that is full. */
  async #refused(sentence: string): Promise<void> {
    try {
      await ask<LoggedIn>("GET", "/api/auth/verify");
      this.store.tell({ kind: "notice", sentence });
      setTimeout(() => this.#socket.connect(), AGAIN_MS);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.#leave(sentence || error.message);
      else setTimeout(() => this.#socket.connect(), AGAIN_MS);
    }
  }

  #leave(sentence: string): void {
    this.#socket.disconnect();
    this.store.tell({ kind: "logged out", sentence });
  }

  async #attempt(deed: () => Promise<unknown>): Promise<void> {
    try {
      await deed();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) this.#leave(this.store.state.user ? error.message : "");
    else this.store.tell({ kind: "notice", sentence: error.message });
  }
}
