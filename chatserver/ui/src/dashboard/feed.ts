// The stream of snapshots: it comes back by itself, and says when it is gone.
import { ask, Problem } from "../shared/api";
import type { Snapshot } from "./snapshot";

export interface Hearing {
  heard(snapshot: Snapshot): void;
  live(): void;
  lost(): void;
  refused(): void;
}

const PATH = "/api/metrics";
const AGAIN_MS = 3000;

export class Feed {
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly hearing: Hearing) {}

  open(): void {
    this.close();
    const source = new EventSource(PATH);
    this.#source = source;
    source.onopen = () => this.hearing.live();
    source.onmessage = (event: MessageEvent<string>) => this.hearing.heard(JSON.parse(event.data) as Snapshot);
    source.onerror = () => {
      this.hearing.lost();
      if (source.readyState === EventSource.CLOSED) void this.#findOut(source);
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  // The browser gives a stream up that was answered by anything but a stream, and does not tell by what.
  async #findOut(source: EventSource): Promise<void> {
    try {
      await ask("GET", PATH);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        if (this.#source === source) this.hearing.refused();
        return;
      }
    }
    if (this.#source === source) this.#timer = setTimeout(() => this.open(), AGAIN_MS);
  }
}
