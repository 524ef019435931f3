// Sends what was said, one after the other, and again with the same id until the server has acknowledged it.
import type { ChatSocket } from "./line";
import { isUnheard, type Outgoing } from "./state";
import type { Store } from "./store";
import type { Heard, Said } from "./wire";

const PATIENCE_MS = 20_000;

export class Outbox {
  #busy = false;

  constructor(
    private readonly store: Store,
    private readonly socket: ChatSocket,
    private readonly heard: (chat: string) => void,
  ) {}

  /** Send what waits, as far as the connection goes. */
  async send(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#next(); next && this.socket.connected; next = this.#next()) await this.#say(next);
    this.#busy = false;
  }

  #next(): Outgoing | undefined {
    return this.store.state.outbox.find((one) => one.refused === null);
  }

  async #say(outgoing: Outgoing): Promise<void> {
    const { clientId, chat, text, at } = outgoing;
    const said: Said = { message: text, client_id: clientId };
    if (!isUnheard(chat)) said.session_id = chat;
    let heard: Heard;
    try {
      heard = await this.socket.timeout(PATIENCE_MS).emitWithAck("chat_message", said);
    } catch {
      return; // nobody knows whether it arrived; sent again, it is still the same message
    }
    if ("error" in heard) {
      this.store.tell({ kind: "refused", clientId, sentence: heard.error });
      return;
    }
    const { session_id, message_id, task_id = null } = heard;
    this.store.tell({
      kind: "heard",
      message: {
        session_id, message_id, task_id, client_id: clientId, role: "user", message: text, created_at: at, final: true,
      },
    });
    this.heard(session_id);
  }
}
