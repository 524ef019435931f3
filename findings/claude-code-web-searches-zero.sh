#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  The API counts web searches in usage.server_tool_use.web_search_requests. The tool WebSearch has them made by a
#            request of its own, whose usage is in no message of the transcript, and not in the "usage" of the result: both
#            say that there were none. Only "modelUsage" next to it has them; their price, $10 per thousand, is in the cost.
# expected   Two searches in "usage", as in "modelUsage"; or no number in "usage" where nobody counted.
# seen       "usage" has "web_search_requests": 0, the transcript likewise, "modelUsage" has "webSearchRequests": 2. Of a cost
#            of $0.03335, nothing in "usage" explains $0.02445.
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
DONE = [{"type": "text", "text": "Done."}]
CALL = [{"type": "tool_use", "id": "toolu_1", "name": "WebSearch", "input": {"query": "price of flour"}}]
FOUND = [
    part
    for number in ("1", "2")
    for part in (
        {"type": "server_tool_use", "id": f"srvtoolu_{number}", "name": "web_search", "input": {"query": "price of flour"}},
        {"type": "web_search_tool_result", "tool_use_id": f"srvtoolu_{number}", "content": []},
    )
]
numbers = itertools.count(1)


def events(request):
    usage, blocks = USAGE, DONE
    if any(tool.get("type", "").startswith("web_search") for tool in request.get("tools", [])):
        usage, blocks = {**USAGE, "server_tool_use": {"web_search_requests": 2}}, FOUND + DONE
    elif all(message["role"] != "assistant" for message in request["messages"]):
        blocks = CALL
    message = {"id": f"msg_{next(numbers)}", "type": "message", "role": "assistant", "model": request["model"]}
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}}
    for index, block in enumerate(blocks):
        start, delta = block, None
        if block["type"] == "text":
            start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
        elif "input" in block:
            start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield {"type": "content_block_start", "index": index, "content_block": start}
        if delta:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": "tool_use" if blocks is CALL else "end_turn"}, "usage": usage}
    yield {"type": "message_stop"}


class MessagesApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.answer("".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events(request)))

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
env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
  "$place/npm/node_modules/.bin/claude" -p 'What does flour cost?' --model claude-sonnet-5-5 --allowedTools WebSearch \
  --output-format json </dev/null >"$place/result"
seen=$(python3 - "$place/result" <<'PY'
import json, sys

result = json.load(open(sys.argv[1]))
[model] = result["modelUsage"].values()
print(result["usage"]["server_tool_use"]["web_search_requests"], model["webSearchRequests"], f"{result['total_cost_usd']:.5f}")
PY
)
transcript=$(grep -rho '"web_search_requests":[0-9]*' "$place/home/.claude/projects" | sort -u)
echo "Searches in usage and in modelUsage, and the cost in dollars: $seen. The transcript has: $transcript."
[[ $seen == "0 2 0.03335" && $transcript == '"web_search_requests":0' ]]
