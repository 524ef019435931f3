// The actions a user can take: each sends a request and dispatches the result to the store.
import { ApiError, request } from "../shared/api";
import { optionsOf, type Choices, type TaskOptions } from "./choices";
import { Outbox } from "./outbox";
import type { ChatList, HelpResult, LoginResult, MessageList, Task, TaskList } from "./protocol";
import { createSocket, type ChatSocket } from "./socket";
import { isLocal, NEW, type Outgoing } from "./state";
import { Store } from "./store";
import { isOpen } from "./tasks";

const CLEAR = "/clear";
const PAGE_SIZE = 200;
const RETRY_MS = 3000;
const NO_CHAT = "That conversation was deleted, or it is not yours.";

export type AuthMode = "login" | "register";

export class Client {
  readonly store = new Store();
  readonly #socket: ChatSocket;
  readonly #outbox: Outbox;
  readonly #loading = new Set<string>();

  constructor() {
    const onMessage = (chat: string) => this.#ensureListed(chat);
    this.#socket = createSocket(this.store, {
      onConnect: () => void this.#catchUp(),
      onReject: (reason) => void this.#reconnectOrLeave(reason),
      onMessage,
    });
    this.#outbox = new Outbox(this.store, this.#socket, onMessage);
  }

  /** Find out whether a user is logged in, and load their conversations; retry while the server is unreachable. */
  async start(): Promise<void> {
    try {
      await this.#enter(await request<LoginResult>("GET", "/api/auth/verify"));
    } catch (error) {
      this.#handleError(error);
      if (this.store.value.user === undefined) setTimeout(() => void this.start(), RETRY_MS);
    }
  }

  /** Log in or create an account. Throws ApiError. */
  async logIn(mode: AuthMode, name: string, password: string): Promise<void> {
    await this.#enter(await request<LoginResult>("POST", `/api/auth/${mode}`, { name, password }));
  }

  async logOut(): Promise<void> {
    this.#socket.disconnect();
    await this.#attempt(async () => {
      await request("POST", "/api/auth/logout");
      this.#leave("You have been logged out.");
    });
    if (this.store.value.user) this.#socket.connect();
  }

  /** Connect with the new token, which replaces one that is revoked. */
  reconnect(): void {
    this.#socket.disconnect();
    this.#socket.connect();
  }

  leaveEverywhere(): void {
    this.#leave("You have been logged out everywhere.");
  }

  /** Send a message in the open conversation; /clear starts a new one instead. */
  send(text: string): void {
    const { open } = this.store.value;
    if (text.trim() === CLEAR) {
      this.setDraft("");
      this.open(NEW);
      return;
    }
    const clientId = crypto.randomUUID();
    const chat = open === NEW ? `${NEW}-${clientId}` : open;
    const at = new Date().toISOString();
    this.store.dispatch({ kind: "queued", outgoing: { clientId, chat, text, at, options: this.#options(chat), error: null } });
    void this.#outbox.send();
  }

  /** Send a rejected message again, with what is chosen now. */
  retry(clientId: string): void {
    const { chat } = this.store.value.outbox.find((one) => one.clientId === clientId) ?? { chat: NEW };
    this.store.dispatch({ kind: "retried", clientId, options: this.#options(chat) });
    void this.#outbox.send();
  }

  discard(clientId: string): void {
    this.store.dispatch({ kind: "discarded", clientId });
  }

  setDraft(text: string): void {
    this.store.dispatch({ kind: "draftChanged", chat: this.store.value.open, text });
  }

  choose(change: Partial<Choices>): void {
    this.store.dispatch({ kind: "chosen", change });
  }

  dismissNotice(): void {
    this.store.dispatch({ kind: "noticeChanged", notice: "" });
  }

  open(chat: string): void {
    this.store.dispatch({ kind: "chatOpened", chat });
    void this.#ensureLoaded(chat);
  }

  async deleteChat(chat: string): Promise<void> {
    await this.#attempt(async () => {
      if (!isLocal(chat)) await request("DELETE", `/api/chats/${encodeURIComponent(chat)}`);
      this.store.dispatch({ kind: "chatDeleted", chat });
    });
  }

  async stop(taskId: string): Promise<void> {
    await this.#attempt(async () => {
      try {
        const task = await request<Task>("POST", `/api/tasks/stop/${encodeURIComponent(taskId)}`);
        this.store.dispatch({ kind: "tasksLoaded", tasks: [task] });
      } catch (error) {
        await this.#refreshTask(taskId); // it may have ended, or be deleted
        throw error;
      }
    });
  }

  async loadMoreChats(): Promise<void> {
    await this.#attempt(() => this.#loadChats(this.store.value.nextCursor));
  }

  /** What is chosen for the next task; a conversation keeps its workspace. */
  #options(chat: string): Outgoing["options"] {
    const { choices } = this.store.value;
    return optionsOf(isLocal(chat) ? choices : { ...choices, workspace: "" });
  }

  /** Load the history, then connect; the newest conversation holds the newest message of all. */
  async #enter({ user }: LoginResult): Promise<void> {
    this.store.dispatch({ kind: "loggedIn", user });
    if (this.store.value.lastId === 0) {
      const [newest] = (await this.#loadChats(null)).chats;
      const lastId = newest ? await this.#loadThread(newest.session_id) : 0;
      this.store.dispatch({ kind: "historyLoaded", lastId });
    }
    this.#socket.connect();
    const help = await request<HelpResult>("POST", "/api/commands", { command: "/help" });
    this.store.dispatch({ kind: "commandsLoaded", commands: help.data?.commands ?? [] });
    const taskOptions = await request<TaskOptions>("GET", "/api/task_options");
    this.store.dispatch({ kind: "taskOptionsLoaded", taskOptions });
  }

  async #catchUp(): Promise<void> {
    void this.#outbox.send();
    await this.#attempt(async () => {
      const missed = Object.values(this.store.value.tasks).filter(isOpen).map((task) => task.task_id);
      const { tasks } = await request<TaskList>("GET", "/api/tasks");
      this.store.dispatch({ kind: "tasksLoaded", tasks });
      const current = await this.#loadTasks("status=pending&status=running");
      for (const taskId of missed.filter((one) => !current.has(one))) await this.#refreshTask(taskId);
      await this.#loadChats(null);
      await this.#ensureLoaded(this.store.value.open);
    });
  }

  #ensureListed(chat: string): void {
    if (this.store.value.chats.some((one) => one.session_id === chat)) return;
    void this.#attempt(() => this.#loadChats(null));
  }

  async #loadChats(cursor: string | null): Promise<ChatList> {
    const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const list = await request<ChatList>("GET", `/api/chats${query}`);
    this.store.dispatch({ kind: "chatsLoaded", chats: list.chats, nextCursor: list.next_cursor, isNextPage: cursor !== null });
    return list;
  }

  async #ensureLoaded(chat: string): Promise<void> {
    if (isLocal(chat) || this.store.value.threads[chat]?.isComplete || this.#loading.has(chat)) return;
    this.#loading.add(chat);
    await this.#attempt(() => this.#loadThread(chat).catch((error: unknown) => this.#closeIfGone(chat, error)));
    this.#loading.delete(chat);
  }

  /** Close a conversation that does not exist, any more, or is another user's. */
  #closeIfGone(chat: string, error: unknown): void {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    this.store.dispatch({ kind: "chatDeleted", chat });
    this.store.dispatch({ kind: "noticeChanged", notice: NO_CHAT });
  }

  /** Load all messages of a conversation; returns the last one's ID. */
  async #loadThread(chat: string): Promise<number> {
    const messages = [];
    for (let afterId: number | null = 0; afterId !== null; ) {
      const path = `/api/chats/${encodeURIComponent(chat)}/messages?limit=${PAGE_SIZE}&after_id=${afterId}`;
      const page: MessageList = await request<MessageList>("GET", path);
      messages.push(...page.messages);
      afterId = page.next_after_id;
    }
    // What they cost, and what they did.
    if (messages.some((message) => message.task_id)) await this.#loadTasks(`chat=${encodeURIComponent(chat)}`);
    this.store.dispatch({ kind: "threadLoaded", chat, messages });
    return messages.at(-1)?.message_id ?? 0;
  }

  /** Load all tasks that a query selects; returns their IDs. */
  async #loadTasks(query: string): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let cursor: string | null = ""; cursor !== null; ) {
      const path = `/api/tasks?${query}&limit=${PAGE_SIZE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: TaskList = await request<TaskList>("GET", path);
      this.store.dispatch({ kind: "tasksLoaded", tasks: page.tasks });
      page.tasks.forEach((task) => found.add(task.task_id));
      cursor = page.next_cursor;
    }
    return found;
  }

  /** Load a task again, whose changes may have been missed. */
  async #refreshTask(taskId: string): Promise<void> {
    try {
      const task = await request<Task>("GET", `/api/tasks/${encodeURIComponent(taskId)}`);
      this.store.dispatch({ kind: "tasksLoaded", tasks: [task] });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      this.store.dispatch({ kind: "taskGone", taskId });
    }
  }

  /** Leave where the token is no longer valid; otherwise, as when the server is full, connect again later. */
  async #reconnectOrLeave(reason: string): Promise<void> {
    try {
      await request<LoginResult>("GET", "/api/auth/verify");
      this.store.dispatch({ kind: "noticeChanged", notice: reason });
      setTimeout(() => this.#socket.connect(), RETRY_MS);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.#leave(reason || error.message);
      else setTimeout(() => this.#socket.connect(), RETRY_MS);
    }
  }

  #leave(reason: string): void {
    this.#socket.disconnect();
    this.store.dispatch({ kind: "loggedOut", reason });
  }

  async #attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#handleError(error);
    }
  }

  #handleError(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) this.#leave(this.store.value.user ? error.message : "");
    else this.store.dispatch({ kind: "noticeChanged", notice: error.message });
  }
}
