#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  As documented, SubagentStop runs when a sub-agent is finished, and StopFailure runs instead of Stop when the turn
#            ends because of an API error. A sub-agent whose request is refused by the API fires StopFailure in place of
#            SubagentStop, in a turn that goes on and ends well. A meter that pairs starts and stops has an agent that runs for
#            ever, and one that alerts on StopFailure has a failed turn that did not fail.
# expected   SubagentStart, SubagentStop and, at the end of the turn, Stop.
# seen       SubagentStart, StopFailure and Stop. Only the agent_id in StopFailure tells that the turn is not meant.
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
TASK = {"description": "Count", "prompt": "Count the orders.", "subagent_type": "general-purpose", "run_in_background": False}
CALL = [{"type": "tool_use", "id": "toolu_1", "name": "Agent", "input": TASK}]
ERROR = {"type": "error", "error": {"type": "invalid_request_error", "message": "The prompt is too long."}}
numbers = itertools.count(1)


def events(request):
    blocks = DONE if any(message["role"] == "assistant" for message in request["messages"]) else CALL
    message = {"id": f"msg_{next(numbers)}", "type": "message", "role": "assistant", "model": request["model"]}
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}}
    for index, block in enumerate(blocks):
        start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block.get("text")}
        if block["type"] == "tool_use":
            start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield {"type": "content_block_start", "index": index, "content_block": start}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": "tool_use" if blocks is CALL else "end_turn"}, "usage": USAGE}
    yield {"type": "message_stop"}


class MessagesApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        begins = not any(message["role"] == "assistant" for message in request["messages"])
        if begins and TASK["prompt"] in json.dumps(request["messages"]):
            return self.answer(json.dumps(ERROR), 400, "application/json")
        self.answer("".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events(request)))

    def do_HEAD(self):
        self.answer("")

    def answer(self, body, status=200, kind="text/event-stream"):
        self.send_response(status)
        self.send_header("content-type", kind)
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

mkdir -p "$place/home/.claude" "$place/shop"
hook='[{"hooks": [{"type": "command", "command": "cat >>\"$HOME/hooks\"; echo >>\"$HOME/hooks\""}]}]'
echo "{\"hooks\": {\"SubagentStart\": $hook, \"SubagentStop\": $hook, \"StopFailure\": $hook, \"Stop\": $hook}}" \
  >"$place/home/.claude/settings.json"
cd "$place/shop"
env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
  "$place/npm/node_modules/.bin/claude" -p 'Are there orders?' --model claude-sonnet-5-5 \
  --output-format json </dev/null >"$place/result"
seen=$(python3 - "$place" <<'PY'
import json, sys

hooks = [json.loads(line) for line in open(f"{sys.argv[1]}/home/hooks") if line.strip()]
print(*sorted(f"{one['hook_event_name']} of {one.get('agent_type') or 'the session'}" for one in hooks), sep=", ", end="; ")
print("the session:", json.load(open(f"{sys.argv[1]}/result"))["subtype"])
PY
)
echo "$seen"
[[ $seen == "Stop of the session, StopFailure of general-purpose, SubagentStart of general-purpose; the session: success" ]]
