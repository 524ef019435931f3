// What the page knows, and what can be done at it: logging in and out, stopping and restarting tasks.
import { ask, isKnown, Problem } from "../shared/api";
import { Feed } from "./feed";
import type { Snapshot, User } from "./snapshot";

export interface State {
  /** Null where nobody is logged in; undefined until that is known. */
  user: User | null | undefined;
  /** Whether the way in has to be taken, or somebody has asked for it. */
  atDoor: "no" | "asked" | "must";
  connection: "opening" | "live" | "lost";
  snapshot: Snapshot | null;
  heardAt: number;
  notice: string;
}

const BEGINNING: State = {
  user: undefined,
  atDoor: "no",
  connection: "opening",
  snapshot: null,
  heardAt: 0,
  notice: "",
};

export class Client {
  #state = BEGINNING;
  readonly #listeners = new Set<() => void>();
  readonly #feed = new Feed({
    heard: (snapshot) => this.#tell({ snapshot, connection: "live", heardAt: Date.now() }),
    live: () => this.#tell({ connection: "live" }),
    lost: () => this.#tell({ connection: "lost" }),
    refused: () => this.#shutOut(),
  });

  readonly read = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async begin(): Promise<void> {
    this.#feed.open();
    this.#tell({ user: isKnown() ? await whoami() : null });
  }

  knock(): void {
    this.#tell({ atDoor: "asked", notice: "" });
  }

  goBack(): void {
    this.#tell({ atDoor: "no" });
  }

  async logIn(name: string, password: string): Promise<void> {
    const { user } = await ask<{ user: User }>("POST", "/api/auth/login", { name, password });
    this.#tell({ user, atDoor: "no", notice: "", snapshot: null, connection: "opening" });
    this.#feed.open();
  }

  async logOut(): Promise<void> {
    try {
      await ask("POST", "/api/auth/logout");
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) return this.say(sentence(error));
    }
    this.#tell({ user: null, snapshot: null, connection: "opening", notice: "You are logged out." });
    this.#feed.open();
  }

  async stop(taskId: string): Promise<void> {
    await this.#write(`/api/tasks/stop/${taskId}`, `Task ${taskId} was stopped.`);
  }

  async restart(taskId: string): Promise<void> {
    await this.#write(`/api/tasks/restart/${taskId}`, `Task ${taskId} waits for its turn.`);
  }

  say(notice: string): void {
    this.#tell({ notice });
  }

  async #write(path: string, done: string): Promise<void> {
    try {
      await ask("POST", path);
      this.say(done);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return this.#shutOut();
      this.say(sentence(error));
    }
  }

  // Where reading is open, it goes on without the token that is worth nothing any more.
  #shutOut(): void {
    if (!this.#state.user) {
      this.#feed.close();
      return this.#tell({ atDoor: "must", snapshot: null });
    }
    this.#tell({ user: null, snapshot: null, connection: "opening", notice: "Your log-in has expired; log in again." });
    this.#feed.open();
  }

  #tell(news: Partial<State>): void {
    this.#state = { ...this.#state, ...news };
    for (const listener of this.#listeners) listener();
  }
}

export const client = new Client();

async function whoami(): Promise<User | null> {
  const found = await ask<{ user: User }>("GET", "/api/auth/verify").catch(() => null);
  return found?.user ?? null;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
