#!/usr/bin/env bash
# package    ccusage 20.0.24 (npm), on a session of @anthropic-ai/claude-code 2.1.332 (npm) with a scripted model on loopback
# behaviour  A request whose inference is restricted to the United States costs 10% more with models since Opus 4.6. The API
#            reports it in the usage of each message, "inference_geo": "us", and Claude Code writes that to its transcript.
#            ccusage, which prices the fast mode that is reported next to it, does not read it.
# expected   1,200 tokens of input at $5 and 80 of output at $25 per million, and 10%: $0.0088, as Claude Code itself says.
# seen       $0.0080.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
api=
trap '[[ -z $api ]] || { kill "$api"; wait "$api"; } 2>/dev/null || :; rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.332 ccusage@20.0.24 >&2

cat >"$place/api.py" <<'PY'
import itertools, json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"input_tokens": 1200, "output_tokens": 80, "inference_geo": "us"}
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
run() { # command with options: a number from the JSON that it prints, in dollars
  env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 "${@:2}" </dev/null |
    python3 -c "import json, sys; print('%.4f' % json.load(sys.stdin)$1)"
}
bin=$place/npm/node_modules/.bin
says=$(run '["total_cost_usd"]' "$bin/claude" -p 'Run the tests.' --model claude-opus-4-6 --output-format json)
seen=$(run '["totals"]["totalCost"]' "$bin/ccusage" daily --offline --json)
transcript=$(grep -rho '"inference_geo":"us"' "$place/home/.claude/projects" | sort -u)
echo "The transcript has $transcript. Claude Code says \$$says, ccusage says \$$seen."
[[ $says == 0.0088 && $seen == 0.0080 ]]
