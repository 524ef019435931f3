// The Socket.IO connection. The cookie authenticates it; on each connect the server sends what follows the last known message.
import { io, type Socket } from "socket.io-client";
import type { ChatError, ClientEvents, Message, ServerEvents } from "./protocol";
import type { Store } from "./store";

export type ChatSocket = Socket<ServerEvents, ClientEvents>;

const SERVER_DISCONNECT = "io server disconnect";

export interface SocketHandlers {
  onConnect(): void;
  /** The server rejected or closed the connection; it will not reconnect on its own. */
  onReject(reason: string): void;
  onMessage(chat: string): void;
}

/** Create a socket that dispatches events to the store; call connect() to use it. */
export function createSocket(store: Store, handlers: SocketHandlers): ChatSocket {
  let lastError = "";
  const socket: ChatSocket = io({
    autoConnect: false,
    transports: ["websocket"],
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    auth: (send) => send({ last_message_id: store.value.lastId }),
  });
  const receive = (message: Message) => {
    store.dispatch({ kind: "messageReceived", message });
    handlers.onMessage(message.session_id);
  };

  socket.on("connect", () => {
    store.dispatch({ kind: "connected" });
    handlers.onConnect();
  });
  socket.on("disconnect", (reason) => {
    store.dispatch({ kind: "disconnected" });
    if (reason === SERVER_DISCONNECT) handlers.onReject(lastError);
  });
  socket.on("connect_error", (error) => {
    store.dispatch({ kind: "disconnected" });
    if (!socket.active) handlers.onReject(error.message);
  });
  socket.on("chat_message", receive);
  socket.on("chat_response", (response) => (response.final ? receive(response) : store.dispatch({ kind: "chunkReceived", chunk: response })));
  socket.on("chat_error", (error) => {
    if (isMessage(error)) receive(error);
    else lastError = error.message;
  });
  socket.on("task_update", (task) => store.dispatch({ kind: "tasksLoaded", tasks: [task] }));
  return socket;
}

function isMessage(error: Message | ChatError): error is Message {
  return "message_id" in error;
}
