#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  The API reports the tokens of a prompt at the beginning of its answer. An answer that a person interrupts costs at
#            least these tokens, in total_cost_usd. One whose connection breaks is asked for again, and the first attempt is
#            in no number: not in the total, not in "usage" or "modelUsage", and not in the transcript.
# expected   A prompt of 100,000 tokens that is written to the cache, answered in part and then in full: it was processed
#            twice, and costs at least $0.50, as it does if a person interrupts the first answer and asks again.
# seen       $0.5008 for an interrupted and a whole answer, $0.2508 for a broken and a whole one. Two requests were answered
#            each time, and the first answers are the same, byte by byte.
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


class MessagesApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        number = next(numbers)
        message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": request["model"]}
        begun = [
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": USAGE}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Done."}},
        ]
        ended = [
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 80}},
            {"type": "message_stop"},
        ]
        print("answer", number, file=sys.stderr, flush=True)
        if number > 1:
            self.answer(begun + ended)
        elif sys.argv[1] == "broken":
            self.answer(begun, missing=1000)
        else:
            self.answer(begun, missing=1000, wait=True)

    def do_HEAD(self):
        self.answer([])

    def answer(self, events, missing=0, wait=False):
        body = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if wait:
            self.rfile.read(1)  # until the other side has had enough
        self.close_connection = missing > 0

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), MessagesApi)
print(server.server_port, flush=True)
server.serve_forever()
PY

cat >"$place/talk.py" <<'PY'
import json, subprocess, sys
from pathlib import Path

answers, is_interrupted, command = Path(sys.argv[1]), sys.argv[2] == "interrupted", sys.argv[3:]
claude = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def say(**line):
    claude.stdin.write(json.dumps(line) + "\n")
    claude.stdin.flush()


def until(kind):
    return next(line for line in map(json.loads, claude.stdout) if line["type"] == kind)


say(type="user", message={"role": "user", "content": "Run the tests."})
if is_interrupted:
    next(line for line in map(json.loads, claude.stdout) if line["type"] == "stream_event" and "Done." in json.dumps(line))
    say(type="control_request", request_id="1", request={"subtype": "interrupt"})
    until("result")
    say(type="user", message={"role": "user", "content": "Run the tests."})
result = until("result")
claude.stdin.close()
claude.wait()
print("$%.4f for %d answers" % (result["total_cost_usd"], answers.read_text().count("answer ")))
PY

mkdir -p "$place/home" "$place/shop"
cd "$place/shop"
cost() { # what happens to the first answer: what Claude Code says that the session cost
  rm -f "$place/port"
  python3 "$place/api.py" "$1" >"$place/port" 2>"$place/answers" &
  api=$!
  until [[ -s $place/port ]]; do kill -0 "$api"; done
  env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
    python3 "$place/talk.py" "$place/answers" "$1" "$place/npm/node_modules/.bin/claude" -p --model claude-sonnet-5-5 \
    --input-format stream-json --output-format stream-json --include-partial-messages --verbose >"$place/cost"
  kill "$api"
  wait "$api" 2>/dev/null || :
  api=
}
cost interrupted
interrupted=$(<"$place/cost")
cost broken
broken=$(<"$place/cost")
echo "An answer that was interrupted and a whole one: $interrupted. One whose connection broke and a whole one: $broken."
[[ $interrupted == "\$0.5008 for 2 answers" && $broken == "\$0.2508 for 2 answers" ]]
