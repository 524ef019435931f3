#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  --max-turns limits the agentic turns of a run, and is documented to end it with an error when the limit is reached.
#            Sub-agents run in the background unless they are told otherwise, and the notification that one has ended begins
#            with a count of its own. A run that delegates goes on after its limit, as often as a sub-agent ends, and the last
#            of its results replaces the error.
# expected   With --max-turns 1, one request of the main agent, the result "error_max_turns", and an exit code that is not 0.
# seen       Five requests, the result "success" with "num_turns": 1, and exit code 0. total_cost_usd is that of all of them.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api=
trap '[[ -z $api ]] || { kill "$api"; wait "$api"; } 2>/dev/null || :; rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2

cat >"$place/api.py" <<'PY'
import itertools, json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1200, "output_tokens": 80, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300}
DELEGATIONS = 4
PART = {"description": "A part", "prompt": "Check one part.", "subagent_type": "general-purpose"}
numbers = itertools.count(1)


class MessagesApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        block, reason = {"type": "text", "text": "Done."}, "end_turn"
        if "Run the tests." in json.dumps(request["messages"][0]) and request.get("tools"):
            print("main agent", file=sys.stderr, flush=True)
            answers = sum(message["role"] == "assistant" for message in request["messages"])
            if answers < DELEGATIONS:
                block, reason = {"type": "tool_use", "id": f"toolu_{answers}", "name": "Agent", "input": PART}, "tool_use"
        message = {"id": f"msg_{next(numbers)}", "type": "message", "role": "assistant", "model": request["model"]}
        part = {"type": "text_delta", "text": "Done."}
        if reason == "tool_use":
            part = {"type": "input_json_delta", "partial_json": json.dumps(PART)}
        empty = {**block, **({"input": {}} if reason == "tool_use" else {"text": ""})}
        events = [
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}},
            {"type": "content_block_start", "index": 0, "content_block": empty},
            {"type": "content_block_delta", "index": 0, "delta": part},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 80}},
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
python3 "$place/api.py" >"$place/port" 2>"$place/requests" &
api=$!
until [[ -s $place/port ]]; do kill -0 "$api"; done

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
code=0
env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
  "$place/npm/node_modules/.bin/claude" -p 'Run the tests.' --model claude-sonnet-5-5 --max-turns 1 --allowedTools Agent \
  --output-format json </dev/null >"$place/result" || code=$?
seen="$(grep -c 'main agent' "$place/requests") requests, $(
  python3 -c 'import json, sys; one = json.load(sys.stdin); print(one["subtype"], "after", one["num_turns"])' <"$place/result"
), exit code $code"
echo "With --max-turns 1: $seen."
[[ $seen == "5 requests, success after 1, exit code 0" ]]
