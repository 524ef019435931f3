// Sends messages one at a time, and resends each with the same ID until the server acknowledges it.
import type { Ack, OutgoingMessage } from "./protocol";
import type { ChatSocket } from "./socket";
import { isLocal, type Outgoing } from "./state";
import type { Store } from "./store";

const ACK_TIMEOUT_MS = 20_000;

export class Outbox {
  #isSending = false;

  constructor(
    private readonly store: Store,
    private readonly socket: ChatSocket,
    private readonly onSent: (chat: string) => void,
  ) {}

  /** Send everything that is waiting, while connected. */
  async send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let next = this.#next(); next && this.socket.connected; next = this.#next()) await this.#sendOne(next);
    this.#isSending = false;
  }

  #next(): Outgoing | undefined {
    return this.store.value.outbox.find((one) => one.error === null);
  }

  async #sendOne(outgoing: Outgoing): Promise<void> {
    const { clientId, chat, text, at, options } = outgoing;
    const message: OutgoingMessage = { message: text, client_id: clientId, options };
    if (!isLocal(chat)) message.session_id = chat;
    let ack: Ack;
    try {
      ack = await this.socket.timeout(ACK_TIMEOUT_MS).emitWithAck("chat_message", message);
    } catch {
      return; // it may have arrived all the same: the server recognizes the ID when it is sent again
    }
    if ("error" in ack) {
      this.store.dispatch({ kind: "rejected", clientId, error: ack.error });
      return;
    }
    const { session_id, message_id, task_id = null } = ack;
    this.store.dispatch({
      kind: "acknowledged",
      message: {
        session_id, message_id, task_id, client_id: clientId, role: "user", message: text, created_at: at, final: true,
      },
    });
    this.onSent(session_id);
  }
}
