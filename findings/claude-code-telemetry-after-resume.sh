#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), github.com/prometheus/prometheus v0.316.0 (Go module, Prometheus 3.16.0)
# behaviour  Claude Code counts what a session costs from zero in each process, under labels that are the same in all of them:
#            session_id is the session's, and there is no service.instance.id. A run of a resumed session that costs as much as
#            the run before it looks to Prometheus like no change; one that costs more, like the difference. The start time,
#            which tells the runs apart, is sent; by default, Prometheus ignores it.
# expected   A session with two runs of $0.00445 costs $0.00890, as Claude Code itself says; its two counters have a label
#            that tells them apart, or there is a reset in between.
# seen       One series with 0.00445 after the first run and 0.00445 after the second: no reset, and no cost of the second run.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api= prometheus=
finish() {
  for one in $api $prometheus; do kill "$one" && wait "$one" || :; done 2>/dev/null
  chmod -R u+w "$place"
  rm -rf "$place"
}
trap finish EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 >&2
CGO_ENABLED=0 GOFLAGS="-modcacherw ${GOFLAGS:-}" GOBIN="$place/bin" GOMODCACHE="$place/modules" \
  go install -trimpath -tags remove_all_sd github.com/prometheus/prometheus/cmd/prometheus@v0.316.0 >&2

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

echo '{}' >"$place/prometheus.yml"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
address=http://127.0.0.1:$port
"$place/bin/prometheus" --config.file="$place/prometheus.yml" --storage.tsdb.path="$place/data" \
  --web.listen-address="127.0.0.1:$port" --web.enable-otlp-receiver 2>"$place/log" &
prometheus=$!
until curl --silent --fail --output /dev/null "$address/-/ready"; do kill -0 "$prometheus"; done

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
run() { # options: the total of the session, in dollars
  env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 \
    CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_METRICS_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT="$address/api/v1/otlp/v1/metrics" \
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative \
    "$place/npm/node_modules/.bin/claude" -p 'Run the tests.' --model claude-sonnet-5-5 \
    --output-format json "$@" </dev/null |
    python3 -c 'import json, sys; print("%.5f" % json.load(sys.stdin)["total_cost_usd"])'
}
session=c1000000-0000-4000-8000-000000000001
run --session-id $session >"$place/first"
run --resume $session >"$place/second"
seen=$(curl --silent --fail --get --data-urlencode 'query=claude_code_cost_usage_USD_total[1h]' "$address/api/v1/query" |
  python3 -c 'import json, sys; print(*([*zip(*one["values"])][1] for one in json.load(sys.stdin)["data"]["result"]))')
echo "Claude Code says \$$(<"$place/second") after two runs; the samples of its series in Prometheus are $seen."
[[ $(<"$place/second") == 0.00890 && $seen == "('0.00445', '0.00445')" ]]
