#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  The documentation of the Agent SDK says that each call returns its own total_cost_usd, that there is no total of
#            the session, and that programs add up the calls themselves. A call with --resume returns the total of the
#            session nevertheless, and one with --fork-session that of its parent and itself; "usage" next to it is of the
#            call alone. Programs that add up the calls count earlier ones again each time.
# expected   Three calls that cost $0.00445 each, a new one, one that resumes it and one that forks it: $0.01335 in total.
# seen       $0.00445, $0.00890 and $0.01335, in total $0.02670; --max-budget-usd 0.006 does not stop the last two.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api=
trap '[[ -z $api ]] || { kill "$api"; wait "$api"; } 2>/dev/null || :; rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2

cat >"$place/api.py" <<'PY'
import itertools, json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1200, "output_tokens": 80, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300}
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
call() { # options: the total of the call, in dollars
  env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
    "$place/npm/node_modules/.bin/claude" -p 'Run the tests.' --model claude-sonnet-5-5 --max-budget-usd 0.006 \
    --output-format json "$@" </dev/null |
    python3 -c 'import json, sys; one = json.load(sys.stdin); print("%.5f" % one["total_cost_usd"], one["subtype"])'
}
session=c1000000-0000-4000-8000-000000000001
seen="$(call --session-id $session), $(call --resume $session), $(call --resume $session --fork-session)"
echo "Three calls that cost \$0.00445 each, a new one, one that resumes it and one that forks it, return: $seen."
[[ $seen == "0.00445 success, 0.00890 success, 0.01335 success" ]]
