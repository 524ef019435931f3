// The socket to the server. The cookie says who it is; what was missed follows the last message that is known.
import { io, type Socket } from "socket.io-client";
import type { Store } from "./store";
import type { Complaint, Incoming, Message, Spoken } from "./wire";

export type ChatSocket = Socket<Incoming, Spoken>;

const REFUSED = "io server disconnect";

export interface Listener {
  /** The client is in. */
  joined(): void;
  /** The server does not let the client in, or has put it out. */
  refused(sentence: string): void;
  /** Something was said in a conversation. */
  said(chat: string): void;
}

/** A socket that tells the store what happens; it is yet to be connected. */
export function openLine(store: Store, listener: Listener): ChatSocket {
  let complaint = "";
  const socket: ChatSocket = io({
    autoConnect: false,
    transports: ["websocket"],
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    auth: (give) => give({ last_message_id: store.state.lastId }),
  });
  const take = (message: Message) => {
    store.tell({ kind: "message", message });
    listener.said(message.session_id);
  };

  socket.on("connect", () => {
    store.tell({ kind: "online" });
    listener.joined();
  });
  socket.on("disconnect", (reason) => {
    store.tell({ kind: "offline" });
    if (reason === REFUSED) listener.refused(complaint);
  });
  socket.on("connect_error", (error) => {
    store.tell({ kind: "offline" });
    if (!socket.active) listener.refused(error.message);
  });
  socket.on("chat_message", take);
  socket.on("chat_response", (said) => (said.final ? take(said) : store.tell({ kind: "part", part: said })));
  socket.on("chat_error", (said) => {
    if (isAnswer(said)) take(said);
    else complaint = said.message;
  });
  socket.on("task_update", (task) => store.tell({ kind: "tasks", tasks: [task] }));
  return socket;
}

function isAnswer(said: Message | Complaint): said is Message {
  return "message_id" in said;
}
