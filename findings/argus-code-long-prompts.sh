#!/usr/bin/env bash
# package    argus-code 0.7.1 (PyPI), on a session of @anthropic-ai/claude-code 2.1.332 (npm) with a scripted model on loopback
# behaviour  Haiku 5.5 has two prices: of a message whose prompt is above 100,000 tokens, each token costs five times as much.
#            Claude Code uses both. argus-code has one price per model, that of short prompts.
# expected   250,000 tokens of input at $0.50 per million and 80 of output at $2.50: $0.1252, as Claude Code says.
# seen       $0.0250, a fifth.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api= argus=
finish() {
  for one in $api $argus; do kill "$one" && wait "$one" || :; done 2>/dev/null
  rm -rf "$place"
}
trap finish EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check argus-code==0.7.1 >&2

cat >"$place/api.py" <<'PY'
import itertools, json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 250_000, "output_tokens": 80}
numbers = itertools.count(1)


class MessagesApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message = {"id": f"msg_{next(numbers)}", "type": "message", "role": "assistant", "model": request["model"]}
        events = [
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Done."}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 80}},
            {"type": "message_stop"},
        ]
        self.answer("".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events))

    def do_HEAD(self):
        self.answer("")

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), MessagesApi)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$place/api.py" >"$place/port" &
api=$!
until [[ -s $place/port ]]; do kill -0 "$api"; done

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
says=$(env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
  "$place/npm/node_modules/.bin/claude" -p 'Run the tests.' --model claude-haiku-5-5 --output-format json </dev/null |
  python3 -c 'import json, sys; print("%.4f" % json.load(sys.stdin)["total_cost_usd"])')

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
env -i PATH="$PATH" HOME="$place/home" BROWSER=true "$place/venv/bin/argus" start --port "$port" >"$place/log" 2>&1 &
argus=$!
seen=$(
  python3 - "$port" <<'PY'
import json, sys, time, urllib.request

url = f"http://127.0.0.1:{sys.argv[1]}/api/overview?window=all"
seen: list[str] = []
for _ in range(60):
    try:
        seen.append("%.4f" % json.load(urllib.request.urlopen(url, timeout=5))["total_cost_usd"])
    except OSError:
        pass
    if len(seen) > 8 and len(set(seen[-8:])) == 1:
        break
    time.sleep(0.5)
print(seen[-1] if seen else "nothing")
PY
)
echo "Claude Code says \$$says, argus says \$$seen."
[[ $says == 0.1252 && $seen == 0.0250 ]]
