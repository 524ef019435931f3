// The real socket.io-client, told by lines of JSON what to do; it tells by lines of JSON what happens.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { io } = createRequire(`${process.env.HOOKMETER_TEST_SOCKETIO}/package.json`)("socket.io-client");
const tell = (what, more = {}) => process.stdout.write(JSON.stringify({ what, ...more }) + "\n");
let auth = {};
let socket;

const deeds = {
  connect({ url, auth: given }) {
    auth = given;
    socket = io(url, { transports: ["websocket"], auth: (use) => use(auth) });
    socket.on("connect", () => tell("connect", { id: socket.id }));
    socket.on("connect_error", (error) => tell("connect_error", { message: error.message, active: socket.active }));
    socket.on("disconnect", (reason, details) =>
      tell("disconnect", { reason, code: details?.context?.code, active: socket.active }));
    socket.onAny((name, payload) => tell("event", { name, payload }));
  },
  emit({ name, payload, ack }) {
    if (ack === undefined) socket.emit(name, payload);
    else socket.emit(name, payload, (answer) => tell("ack", { ack, answer }));
  },
  auth({ auth: given }) { auth = given; },
  drop() { socket.io.engine.close(); },
  reconnect() { socket.connect(); },
  disconnect() { socket.disconnect(); },
};

createInterface({ input: process.stdin })
  .on("line", (line) => { const { do: deed, ...more } = JSON.parse(line); deeds[deed](more); })
  .on("close", () => process.exit(0));
