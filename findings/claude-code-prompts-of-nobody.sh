#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  The event claude_code.user_prompt is documented to be logged when a user submits a prompt. It is logged as well
#            for each notification by which Claude Code tells the model that work in the background has ended. Nothing in
#            these events, whose text is redacted unless it is asked for, tells one from the other.
# expected   One event: the user submitted one prompt, and the model launched two sub-agents, one after another.
# seen       Three, with the same attributes. A count of prompts grows with the number of sub-agents.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api=
trap '[[ -z $api ]] || { kill "$api"; wait "$api"; } 2>/dev/null || :; rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2

cat >"$place/api.py" <<'PY'
import json, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1200, "output_tokens": 80, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300}
PART = {"description": "A part", "prompt": "Check one part.", "subagent_type": "general-purpose"}
ended = {1: threading.Event(), 3: threading.Event()}  # the turns of the main agent, by the answers before the last
launching = iter(ended.values())
OWN = ("event.name", "event.sequence", "event.timestamp", "prompt.id", "prompt_length", "message.uuid")


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        if self.headers["transfer-encoding"] == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["content-length"]))
        request = json.loads(body)
        if self.path == "/v1/logs":
            self.note(request)
            return self.answer("{}")
        turn = sum(message["role"] == "assistant" for message in request["messages"])
        is_main = "Run the tests." in json.dumps(request["messages"][0]) and request.get("tools")
        message = {"id": f"msg_{turn}", "type": "message", "role": "assistant", "model": request["model"]}
        block, delta, reason = {"type": "text", "text": ""}, {"type": "text_delta", "text": "Done."}, "end_turn"
        if request.get("tools") and not is_main:  # a sub-agent, which takes longer than the turn that launched it
            next(launching).wait()
            time.sleep(2)
        if is_main and turn in (0, 2):
            block = {"type": "tool_use", "id": f"toolu_{turn}", "name": "Agent", "input": {}}
            delta, reason = {"type": "input_json_delta", "partial_json": json.dumps(PART)}, "tool_use"
        events = [
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 80}},
            {"type": "message_stop"},
        ]
        self.answer("".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events))
        if is_main and turn in ended:
            ended[turn].set()

    def note(self, request):
        for scope in (scope for resource in request["resourceLogs"] for scope in resource["scopeLogs"]):
            for record in scope["logRecords"]:
                found = {one["key"]: next(iter(one["value"].values())) for one in record["attributes"]}
                if found["event.name"] == "user_prompt":
                    print(json.dumps({name: value for name, value in found.items() if name not in OWN}, sort_keys=True),
                          file=sys.stderr, flush=True)

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


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$place/api.py" >"$place/port" 2>"$place/prompts" &
api=$!
until [[ -s $place/port ]]; do kill -0 "$api"; done

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
url="http://127.0.0.1:$(<"$place/port")"
env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="$url" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
  CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_EXPORTER_OTLP_PROTOCOL=http/json OTEL_EXPORTER_OTLP_ENDPOINT="$url" \
  OTEL_LOGS_EXPORTER=otlp "$place/npm/node_modules/.bin/claude" -p 'Run the tests.' --model claude-sonnet-5-5 \
  --allowedTools Agent </dev/null >/dev/null
events=$(grep -c . "$place/prompts")
kinds=$(sort -u "$place/prompts" | grep -c .)
echo "One prompt was submitted, and there are $events events user_prompt, which differ in $((kinds - 1)) attributes."
[[ $events == 3 && $kinds == 1 ]]
