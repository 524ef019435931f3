// The stream of snapshots. It reconnects on its own and reports each change of its state.
import { ApiError, request } from "../shared/api";
import type { Snapshot } from "./snapshot";

export interface FeedHandlers {
  onSnapshot(snapshot: Snapshot): void;
  onOpen(): void;
  /** The connection is lost, and why; it is tried again until it is there. */
  onLost(problem: string): void;
  onUnauthorized(): void;
}

const PATH = "/api/metrics";
const RETRY_MS = 3000;
const UNREACHABLE = "Cannot reach the server.";

export class Feed {
  #source: EventSource | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly handlers: FeedHandlers) {}

  open(): void {
    this.close();
    const source = new EventSource(PATH);
    this.#source = source;
    source.onopen = () => this.handlers.onOpen();
    source.onmessage = (event: MessageEvent<string>) => this.handlers.onSnapshot(JSON.parse(event.data) as Snapshot);
    source.onerror = () => {
      this.handlers.onLost(UNREACHABLE);
      if (source.readyState === EventSource.CLOSED) void this.#retry(source);
    };
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    this.#source?.close();
    this.#source = null;
  }

  // EventSource gives up on any response that is not a stream and hides its status; a plain request finds it out.
  async #retry(source: EventSource): Promise<void> {
    const error = await request("GET", PATH).then(() => null, (error: unknown) => error);
    if (this.#source !== source) return;
    if (error instanceof ApiError && error.status === 401) return this.handlers.onUnauthorized();
    if (error instanceof ApiError && error.status) this.handlers.onLost(error.message);
    this.#retryTimer = setTimeout(() => this.open(), RETRY_MS);
  }
}
