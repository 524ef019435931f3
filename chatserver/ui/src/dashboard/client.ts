// The page's state, and the actions a user can take: log in and out, stop and restart tasks.
import { ApiError, hasToken, messageOf, request } from "../shared/api";
import { Observable } from "../shared/Observable";
import type { User } from "../shared/types";
import { Feed } from "./feed";
import type { Snapshot } from "./snapshot";
import { WaitingNotifier } from "./waitingNotifier";

export interface State {
  /** Null while logged out; undefined until the server has confirmed either. */
  user: User | null | undefined;
  /** Whether the login form is shown: opened by the user, or required to read anything. */
  logIn: "hidden" | "open" | "required";
  connection: "connecting" | "live" | "reconnecting";
  /** Why the connection was lost. */
  problem: string;
  snapshot: Snapshot | null;
  /** When the snapshot arrived, in milliseconds; 0 before the first one. */
  updatedAt: number;
  notice: string;
}

const INITIAL_STATE: State = {
  user: undefined,
  logIn: "hidden",
  connection: "connecting",
  problem: "",
  snapshot: null,
  updatedAt: 0,
  notice: "",
};

export class Client {
  readonly state = new Observable(INITIAL_STATE);
  readonly #notifier = new WaitingNotifier();
  readonly #feed = new Feed({
    onSnapshot: (snapshot) => {
      this.#update({ snapshot, connection: "live", updatedAt: Date.now() });
      this.#notifier.update(snapshot.waiting);
    },
    onOpen: () => this.#update({ connection: "live" }),
    onLost: (problem) => this.#update({ connection: "reconnecting", problem }),
    onUnauthorized: () => this.#requireLogIn(),
  });

  async start(): Promise<void> {
    this.#feed.open();
    this.#update({ user: hasToken() ? await currentUser() : null });
  }

  openLogIn(): void {
    this.#update({ logIn: "open", notice: "" });
  }

  closeLogIn(): void {
    this.#update({ logIn: "hidden" });
  }

  async logIn(name: string, password: string): Promise<void> {
    const { user } = await request<{ user: User }>("POST", "/api/auth/login", { name, password });
    this.#update({ user, logIn: "hidden", notice: "", snapshot: null, connection: "connecting" });
    this.#feed.open();
  }

  async logOut(): Promise<void> {
    try {
      await request("POST", "/api/auth/logout");
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) return this.notify(messageOf(error));
    }
    this.#logOutLocally("You have been logged out.");
  }

  /** Connect with the new token, which replaces one that is revoked. */
  reconnect(): void {
    this.#feed.open();
  }

  leaveEverywhere(): void {
    this.#logOutLocally("You have been logged out everywhere.");
  }

  async stop(taskId: string): Promise<void> {
    await this.#post(`/api/tasks/stop/${taskId}`, `Task ${taskId} stopped.`);
  }

  async restart(taskId: string): Promise<void> {
    await this.#post(`/api/tasks/restart/${taskId}`, `Task ${taskId} restarted.`);
  }

  notify(notice: string): void {
    this.#update({ notice });
  }

  async #post(path: string, success: string): Promise<void> {
    try {
      await request("POST", path);
      this.notify(success);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return this.#requireLogIn();
      this.notify(messageOf(error));
    }
  }

  // An expired token is dropped first: on a server that is open for reading, the page still works without it.
  #requireLogIn(): void {
    if (this.state.value.user) return this.#logOutLocally("Your login has expired. Log in again.");
    this.#feed.close();
    this.#update({ logIn: "required", snapshot: null });
  }

  #logOutLocally(notice: string): void {
    this.#update({ user: null, snapshot: null, connection: "connecting", notice });
    this.#feed.open();
  }

  #update(changes: Partial<State>): void {
    this.state.set({ ...this.state.value, ...changes });
  }
}

export const client = new Client();

async function currentUser(): Promise<User | null> {
  const found = await request<{ user: User }>("GET", "/api/auth/verify").catch(() => null);
  return found?.user ?? null;
}
