#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  A PreToolUse hook may change what a tool gets, with updatedInput. Hooks of the same call then disagree about what
#            it was: PostToolUse has the changed command, PostToolBatch the one that the model asked for, next to the output
#            of the changed one. The transcript and stream-json have that, too, so that whoever looks there for what ran on
#            a machine finds a command that did not run.
# expected   After the call, everybody reports the command that ran, "echo second", with its output, "second".
# seen       PostToolUse "echo second"; PostToolBatch, the transcript and stream-json "echo first", with the output "second".
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

mkdir -p "$place/home/.claude" "$place/shop"
cat >"$place/home/hook.py" <<'PY'
import json, os, sys

event = json.load(sys.stdin)
with open(os.path.expanduser(f"~/{event['hook_event_name']}"), "w") as log:
    json.dump(event, log)
if event["hook_event_name"] == "PreToolUse":
    changed = {"command": "echo second", "description": "Test"}
    answer = {"hookEventName": "PreToolUse", "permissionDecision": "allow", "updatedInput": changed}
    print(json.dumps({"hookSpecificOutput": answer}))
PY
hook='[{"hooks": [{"type": "command", "command": "python3 ~/hook.py"}]}]'
echo "{\"hooks\": {\"PreToolUse\": $hook, \"PostToolUse\": $hook, \"PostToolBatch\": $hook}}" >"$place/home/.claude/settings.json"
cd "$place/shop"
env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
  "$place/npm/node_modules/.bin/claude" -p 'Run the tests.' --model claude-sonnet-5-5 \
  --output-format stream-json --verbose </dev/null >"$place/stream"
seen=$(python3 - "$place" <<'PY'
import glob, json, sys


def hook(name):
    return json.load(open(f"{sys.argv[1]}/home/{name}"))


def called(path): # in messages: the command and the output
    messages = [json.loads(line).get("message", {}) for line in open(path)]
    parts = [part for one in messages if isinstance(one.get("content"), list) for part in one["content"]]
    [command] = [part["input"]["command"] for part in parts if part["type"] == "tool_use"]
    [output] = [part["content"] for part in parts if part["type"] == "tool_result"]
    return f"'{command}' with {output}"


after, [batch] = hook("PostToolUse"), hook("PostToolBatch")["tool_calls"]
[transcript] = glob.glob(f"{sys.argv[1]}/home/.claude/projects/*/*.jsonl")
print(f"PostToolUse '{after['tool_input']['command']}' with {after['tool_response']['stdout']}")
print(f"PostToolBatch '{batch['tool_input']['command']}' with {batch['tool_response']}")
print(f"transcript {called(transcript)}")
print(f"stream-json {called(f'{sys.argv[1]}/stream')}")
PY
)
echo "$seen"
[[ $seen == "PostToolUse 'echo second' with second
PostToolBatch 'echo first' with second
transcript 'echo first' with second
stream-json 'echo first' with second" ]]
