#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with OTEL_METRICS_EXPORTER=prometheus
# behaviour  Each process of Claude Code serves its metrics itself, all of them at one port, 9464 unless it is configured. A
#            session that begins while another one runs cannot open it, runs without telemetry, and does not say so: nothing
#            on standard error, exit code 0.
# expected   Of two sessions at once, both are metered, or the second one warns that it is not.
# seen       The page has the first session alone, also after the second one is done, which cost $0.00445.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api= first=
finish() {
  touch "$place/deployed"
  [[ -z $first ]] || wait "$first" || :
  for one in $api; do kill "$one" && wait "$one" || :; done 2>/dev/null
  rm -rf "$place"
}
trap finish EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2

cat >"$place/api.py" <<'PY'
import itertools, json, pathlib, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1200, "output_tokens": 80, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300}
numbers = itertools.count(1)


class MessagesApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        while "Deploy" in json.dumps(request["messages"]) and not pathlib.Path("deployed").exists():
            time.sleep(0.1)
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
(cd "$place" && exec python3 api.py) >"$place/port" &
api=$!
until [[ -s $place/port ]]; do kill -0 "$api"; done

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
metrics=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
session() { # id, prompt: its cost in dollars
  env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 \
    CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_METRICS_EXPORTER=prometheus OTEL_EXPORTER_PROMETHEUS_PORT="$metrics" \
    "$place/npm/node_modules/.bin/claude" -p "$2" --model claude-sonnet-5-5 --session-id "$1" --output-format json </dev/null |
    python3 -c 'import json, sys; print("%.5f" % json.load(sys.stdin)["total_cost_usd"])'
}
metered() { # the sessions of which the page has metrics
  curl --silent --fail "http://127.0.0.1:$metrics/metrics" | grep -o 'session_id="[^"]*"' | sort -u
}
session c1000000-0000-4000-8000-000000000001 'Deploy.' >"$place/cost.first" & # goes on until the file "deployed" is there
first=$!
until metered >"$place/after"; do kill -0 "$first"; done
session c2000000-0000-4000-8000-000000000002 'Run the tests.' >"$place/cost.second" 2>"$place/warnings"
metered >"$place/after"
touch "$place/deployed"
wait "$first"
cost=$(<"$place/cost.second") warnings=$(<"$place/warnings") seen=$(<"$place/after")
echo "The second session cost \$$cost and warned with \"$warnings\"; then, the page had $seen."
[[ $cost == 0.00445 && -z $warnings && $seen == 'session_id="c1000000-0000-4000-8000-000000000001"' ]]
