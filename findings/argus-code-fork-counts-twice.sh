#!/usr/bin/env bash
# package    argus-code 0.7.1 (PyPI), which reads the transcripts of Claude Code
# behaviour  A session made with --fork-session begins with copies of its parent's messages. Since 2.1.332 at the latest,
#            Claude Code marks each copy with "requestSessionId"; argus looks for "session_id". At each start it removes
#            the copies nevertheless ("Removed 2 copied messages"), from the parent; a moment later it finds that the
#            parent has no tool calls and reads it again, so that both sessions have the messages.
# expected   The parent cost $0.00890, the fork $0.00445 of its own: three messages, together $0.01335.
# seen       $0.02225, five messages, also after a restart.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
argus=
trap '[[ -z $argus ]] || kill "$argus" 2>/dev/null || true; rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check argus-code==0.7.1 >&2

parent=f1000000-0000-4000-8000-000000000001
fork=f2000000-0000-4000-8000-000000000001
project="$place/.claude/projects/-home-dev-shop"
mkdir -p "$project"
message() { # number, session, content, the session that asked first
  printf '{"type":"assistant","message":{"id":"msg_%s","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[%s],"usage":{"input_tokens":1200,"output_tokens":80,"cache_read_input_tokens":5000,"cache_creation_input_tokens":300,"cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":0}}},"requestId":"req_%s","uuid":"uuid-%s","timestamp":"2026-11-20T12:00:0%s.000Z","cwd":"/home/dev/shop","sessionId":"%s"%s,"isSidechain":false,"version":"2.1.332"}\n' \
    "$1" "$3" "$1" "$1" "$1" "$2" "${4:+,\"requestSessionId\":\"$4\"}"
}
call='{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"make"}}'
text='{"type":"text","text":"Done."}'
{
  message 1 $parent "$call"
  message 2 $parent "$text"
} >"$project/$parent.jsonl"
{
  message 1 $fork "$call" $parent
  message 2 $fork "$text" $parent
  message 3 $fork "$text"
} >"$project/$fork.jsonl"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
total() { # after a start: once what argus does in the background has come to rest
  env -i PATH="$PATH" HOME="$place" BROWSER=true "$place/venv/bin/argus" start --port "$port" >>"$place/log" 2>&1 &
  argus=$!
  python3 - "$port" <<'PY'
import json, sys, time, urllib.request

url = f"http://127.0.0.1:{sys.argv[1]}/api/overview?window=all"
seen: list[str] = []
for _ in range(60):
    try:
        seen.append("%.5f" % json.load(urllib.request.urlopen(url, timeout=5))["total_cost_usd"])
    except OSError:
        pass
    if len(seen) > 8 and len(set(seen[-8:])) == 1:
        break
    time.sleep(0.5)
print(seen[-1] if seen else "nothing")
PY
  kill "$argus"
  wait "$argus" || true
  argus=
}
total >"$place/first"
total >"$place/second"
grep -o 'Removed .* copied messages from .* sessions' "$place/log"
first=$(cat "$place/first") second=$(cat "$place/second")
echo "Three messages cost \$0.01335; argus says \$$first, and after a restart \$$second."
[[ $first == 0.02225 && $second == 0.02225 ]]
