// Holds the state, and tells React when it has changed.
import { after, BEGINNING, type News, type State } from "./state";

export class Store {
  #state = BEGINNING;
  readonly #listeners = new Set<() => void>();

  get state(): State {
    return this.#state;
  }

  tell(news: News): void {
    this.#state = after(this.#state, news);
    for (const listener of this.#listeners) listener();
  }

  readonly read = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
