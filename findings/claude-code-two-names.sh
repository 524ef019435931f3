#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), github.com/prometheus/prometheus v0.316.0 (Go module, Prometheus 3.16.0)
# behaviour  Claude Code's metrics reach Prometheus in two ways, and with OTEL_METRICS_EXPORTER=otlp,prometheus in both at once:
#            sent to its OTLP receiver, or scraped from a page that Claude Code serves. The names are not the same. The receiver
#            appends the unit, as OpenTelemetry specifies it for Prometheus; the page leaves it out.
# expected   One metric has one name, so that one dashboard shows the sessions of all machines.
# seen       claude_code_cost_usage_USD_total and claude_code_token_usage_tokens_total when sent, claude_code_cost_usage_total
#            and claude_code_token_usage_total when scraped: a panel with either name lacks the money of the others.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api= prometheus= session=
finish() {
  touch "$place/scraped"
  [[ -z $session ]] || wait "$session" || :
  for one in $api $prometheus; do kill "$one" && wait "$one" || :; done 2>/dev/null
  chmod -R u+w "$place"
  rm -rf "$place"
}
trap finish EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2
CGO_ENABLED=0 GOFLAGS="-modcacherw ${GOFLAGS:-}" GOBIN="$place/bin" GOMODCACHE="$place/modules" \
  go install -trimpath -tags remove_all_sd github.com/prometheus/prometheus/cmd/prometheus@v0.316.0 >&2

cat >"$place/api.py" <<'PY'
import itertools, json, pathlib, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1200, "output_tokens": 80, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300}
DONE = [{"type": "text", "text": "Done."}]
CALL = [{"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "echo first", "description": "Test"}}]
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
        while any(one["role"] == "assistant" for one in request["messages"]) and not pathlib.Path("scraped").exists():
            time.sleep(0.1)
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
(cd "$place" && exec python3 api.py) >"$place/port" &
api=$!
until [[ -s $place/port ]]; do kill -0 "$api"; done

echo '{}' >"$place/prometheus.yml"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
address=http://127.0.0.1:$port
"$place/bin/prometheus" --config.file="$place/prometheus.yml" --storage.tsdb.path="$place/data" \
  --web.listen-address="127.0.0.1:$port" --web.enable-otlp-receiver 2>"$place/log" &
prometheus=$!
until curl --silent --fail --output /dev/null "$address/-/ready"; do kill -0 "$prometheus"; done

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
metrics=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 \
  CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_METRICS_EXPORTER=otlp,prometheus OTEL_EXPORTER_PROMETHEUS_PORT="$metrics" \
  OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_METRICS_ENDPOINT="$address/api/v1/otlp/v1/metrics" \
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative \
  "$place/npm/node_modules/.bin/claude" -p 'Run the tests.' --model claude-sonnet-5-5 --allowedTools Bash </dev/null >&2 &
session=$! # after its first answer, it goes on when the file "scraped" is there
usage() { # the names of metrics of usage in a text
  grep -o 'claude_code_[a-z]*_usage_\w*' | sort -u | xargs
}
until curl --silent --fail "http://127.0.0.1:$metrics/metrics" >"$place/page" && grep -q token_usage "$place/page"; do
  kill -0 "$session"
done
touch "$place/scraped"
wait "$session"
scraped=$(usage <"$place/page")
sent=$(curl --silent --fail "$address/api/v1/label/__name__/values" | usage)
echo "Scraped: $scraped. Sent: $sent."
[[ $scraped == "claude_code_cost_usage_total claude_code_token_usage_total" ]] &&
  [[ $sent == "claude_code_cost_usage_USD_total claude_code_token_usage_tokens_total" ]]
