#!/usr/bin/env bash
# package    @anthropic-ai/claude-code 2.1.332 (npm), with a scripted model on loopback
# behaviour  Hooks say when a sub-agent is spawned (SubagentStart) and when it is finished (SubagentStop). A conversation that is
#            summarized with /compact fires SubagentStop alone, twice, with the ids of agents that nobody spawned, an empty
#            agent_type, and the paths of transcripts that are never written. Programs that count agents by their ends count
#            agents that were not there, and those that read their transcripts find none.
# expected   No sub-agent: as many ends as beginnings, and a file at each agent_transcript_path.
# seen       2 ends, no beginning, no transcript; the result of the same call says "spawned": 0.
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

mkdir -p "$place/home/.claude" "$place/shop"
hook='[{"hooks": [{"type": "command", "command": "cat >>\"$HOME/hooks\"; echo >>\"$HOME/hooks\""}]}]'
echo "{\"hooks\": {\"SubagentStart\": $hook, \"SubagentStop\": $hook, \"PreCompact\": $hook}}" >"$place/home/.claude/settings.json"
cd "$place/shop"
call() { # prompt, options
  env -i PATH="$PATH" HOME="$place/home" ANTHROPIC_BASE_URL="http://127.0.0.1:$(<"$place/port")" ANTHROPIC_API_KEY=example \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 \
    "$place/npm/node_modules/.bin/claude" -p "$1" --model claude-sonnet-5-5 --output-format json "${@:2}" </dev/null
}
session=c1000000-0000-4000-8000-000000000001
call 'Run the tests.' --session-id $session >/dev/null
call 'Run them again.' --resume $session >/dev/null
call /compact --resume $session >"$place/result"
seen=$(python3 - "$place" <<'PY'
import json, os, sys
from collections import Counter

hooks = [json.loads(line) for line in open(f"{sys.argv[1]}/home/hooks") if line.strip()]
ends = [one for one in hooks if one["hook_event_name"] == "SubagentStop"]
events = Counter(one["hook_event_name"] for one in hooks)
print(f"{events['PreCompact']} compaction", f"{events['SubagentStart']} SubagentStart", f"{len(ends)} SubagentStop", end=", ")
print(f"{sum(os.path.exists(one['agent_transcript_path']) for one in ends)} transcripts", end=", ")
print("types", {one["agent_type"] for one in ends}, end=", ")
print(json.load(open(f"{sys.argv[1]}/result"))["subagent_stats"]["spawned"], "spawned")
PY
)
echo "$seen"
[[ $seen == "1 compaction 0 SubagentStart 2 SubagentStop, 0 transcripts, types {''}, 0 spawned" ]]
