#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  The metric claude_code.commit.count is documented to be incremented when Claude Code creates git commits. It is
#            incremented when a command succeeds in whose text the words "git commit" stand, whatever the command does.
# expected   1 after a commit, an `echo` of a hint, a search of the log, and a commit of nothing that fails and may fail.
# seen       4: a team that writes about commits makes four times as many. Two commits by one command are one.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api=
trap '[[ -z $api ]] || { kill "$api"; wait "$api"; } 2>/dev/null || :; rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2

cat >"$place/api.py" <<'PY'
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1200, "output_tokens": 80, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300}
COMMANDS = (
    "git commit --allow-empty -m 'Fix the tests'",
    "echo 'Run git commit when you are done.'",
    "git log --grep 'git commit' --oneline",
    "git commit -m 'Nothing is left to do' || true",
)
counted = 0


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
        if self.path == "/v1/metrics":
            self.count(request)
            return self.answer("{}")
        turn = sum(message["role"] == "assistant" for message in request["messages"])
        message = {"id": f"msg_{turn}", "type": "message", "role": "assistant", "model": request["model"]}
        block, delta, reason = {"type": "text", "text": ""}, {"type": "text_delta", "text": "Done."}, "end_turn"
        if request.get("tools") and turn < len(COMMANDS):
            block = {"type": "tool_use", "id": f"toolu_{turn}", "name": "Bash", "input": {}}
            given = json.dumps({"command": COMMANDS[turn], "description": "One step"})
            delta, reason = {"type": "input_json_delta", "partial_json": given}, "tool_use"
        events = [
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 80}},
            {"type": "message_stop"},
        ]
        self.answer("".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events))

    def count(self, request):
        global counted
        for scope in (scope for resource in request["resourceMetrics"] for scope in resource["scopeMetrics"]):
            for metric in scope["metrics"]:
                if metric["name"] == "claude_code.commit.count":
                    counted += sum(point.get("asInt", point.get("asDouble")) for point in metric["sum"]["dataPoints"])
        print(counted, file=sys.stderr, flush=True)

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
python3 "$place/api.py" >"$place/port" 2>"$place/counted" &
api=$!
until [[ -s $place/port ]]; do kill -0 "$api"; done

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
url="http://127.0.0.1:$(<"$place/port")"
export GIT_CONFIG_NOSYSTEM=1 HOME="$place/home"
git init --quiet .
git config user.name Example
git config user.email dev@example.com
env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="$url" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
  CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_EXPORTER_OTLP_PROTOCOL=http/json OTEL_EXPORTER_OTLP_ENDPOINT="$url" \
  OTEL_METRICS_EXPORTER=otlp "$place/npm/node_modules/.bin/claude" -p 'Run the tests.' --model claude-sonnet-5-5 \
  --allowedTools Bash </dev/null >/dev/null
made=$(git rev-list --count --all)
counted=$(tail -n 1 "$place/counted")
echo "git has $made commit, claude_code.commit.count is $counted."
[[ $made == 1 && $counted == 4 ]]
