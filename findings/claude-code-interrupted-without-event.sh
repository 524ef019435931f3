#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  Claude Code's telemetry has costs twice: in the metric claude_code.cost.usage, and as "cost_usd" of the event
#            claude_code.api_request, which is documented to be logged for each API request to Claude. A request whose answer
#            a person interrupts is in the metric and in total_cost_usd. There is no event of it, neither api_request nor
#            api_error.
# expected   Both add up to $0.5008, for two prompts of 100,000 tokens, of which one answer was interrupted.
# seen       The metric does, the events add up to $0.2508. Costs by user or prompt that are taken from events lack what
#            people interrupt; a dashboard with both does not agree with itself.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api=
trap '[[ -z $api ]] || { kill "$api"; wait "$api"; } 2>/dev/null || :; rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2

cat >"$place/api.py" <<'PY'
import itertools, json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 0, "output_tokens": 1, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 100_000}
numbers = itertools.count(1)


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
        if self.path.startswith("/v1/metrics") or self.path.startswith("/v1/logs"):
            self.note(request)
            return self.answer("{}")
        number = next(numbers)
        message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": request["model"]}
        events = [
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Done."}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 80}},
            {"type": "message_stop"},
        ]
        texts = [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events]
        if number > 1:
            return self.answer("".join(texts))
        self.answer("".join(texts[:3]), missing=1000)
        self.rfile.read(1)  # until the other side has had enough
        self.close_connection = True

    def note(self, request):
        for scope in (scope for resource in request.get("resourceMetrics", ()) for scope in resource["scopeMetrics"]):
            for metric in scope["metrics"]:
                if metric["name"] == "claude_code.cost.usage":
                    print("metric", sum(point["asDouble"] for point in metric["sum"]["dataPoints"]), file=sys.stderr, flush=True)
        for scope in (scope for resource in request.get("resourceLogs", ()) for scope in resource["scopeLogs"]):
            for record in scope["logRecords"]:
                found = {one["key"]: next(iter(one["value"].values())) for one in record["attributes"]}
                if found["event.name"] in ("api_request", "api_error"):
                    print("events", float(found.get("cost_usd", 0)), file=sys.stderr, flush=True)

    def do_HEAD(self):
        self.answer("")

    def answer(self, body, missing=0):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body.encode())
        self.wfile.flush()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_port, flush=True)
server.serve_forever()
PY

cat >"$place/talk.py" <<'PY'
import json, subprocess, sys

claude = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def say(**line):
    claude.stdin.write(json.dumps(line) + "\n")
    claude.stdin.flush()


def until(kind, text=""):
    return next(line for line in map(json.loads, claude.stdout) if line["type"] == kind and text in json.dumps(line))


say(type="user", message={"role": "user", "content": "Run the tests."})
until("stream_event", "Done.")
say(type="control_request", request_id="1", request={"subtype": "interrupt"})
until("result")
say(type="user", message={"role": "user", "content": "Run the tests."})
print("%.4f" % until("result")["total_cost_usd"])
claude.stdin.close()
claude.wait()
PY

python3 "$place/api.py" >"$place/port" 2>"$place/costs" &
api=$!
until [[ -s $place/port ]]; do kill -0 "$api"; done

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
url="http://127.0.0.1:$(<"$place/port")"
total=$(env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="$url" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
  CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_EXPORTER_OTLP_PROTOCOL=http/json OTEL_EXPORTER_OTLP_ENDPOINT="$url" \
  OTEL_METRICS_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp python3 "$place/talk.py" "$place/npm/node_modules/.bin/claude" -p \
  --model claude-sonnet-5-5 --input-format stream-json --output-format stream-json --include-partial-messages --verbose)
sum() { awk -v kind="$1" '$1 == kind { sum += $2 } END { printf "%.4f", sum }' "$place/costs"; }
seen="total_cost_usd $total, metric $(sum metric), events $(sum events)"
echo "Of an answer that was interrupted and a whole one: $seen."
[[ $seen == "total_cost_usd 0.5008, metric 0.5008, events 0.2508" ]]
