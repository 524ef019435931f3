#!/usr/bin/env bash
# package    ccusage 20.0.24 (npm), which reads the transcripts of Claude Code
# behaviour  A session made with --fork-session begins with copies of its parent's messages, and each copy says so, in
#            "requestSessionId". ccusage counts a message once, for the session whose file it reads first: that with the
#            smaller name. Names are random, so it is the fork in one case of two.
# expected   A session with a message of $0.011250, and a fork that adds one of $0.003750: these are their costs.
# seen       These, if the parent's name is the smaller one. Otherwise $0.015000 for the fork, and the parent is not in the
#            list of sessions.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error ccusage@20.0.24 >&2
mkdir -p "$place/home"

message() { # session of the line, session of the request, number, tokens of output
  printf '{"type":"assistant","message":{"id":"msg_%s","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"Done."}],"stop_reason":"end_turn","usage":{"input_tokens":0,"output_tokens":%s,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}},"requestId":"req_%s","requestSessionId":"%s","uuid":"uuid-%s-%s","timestamp":"2026-11-20T12:0%s:00.000Z","cwd":"/home/dev/shop","sessionId":"%s","isSidechain":false,"version":"2.1.332"}\n' \
    "$3" "$4" "$3" "$2" "$3" "$1" "$3" "$1"
}
costs() { # parent, fork
  local project="$place/$1/projects/-home-dev-shop"
  mkdir -p "$project"
  message "$1" "$1" 1 750 >"$project/$1.jsonl"
  { message "$2" "$1" 1 750; message "$2" "$2" 2 250; } >"$project/$2.jsonl"
  touch -d 2026-11-20T12:01:00Z "$project/$1.jsonl"
  touch -d 2026-11-20T12:02:00Z "$project/$2.jsonl"
  env -i PATH="$PATH" HOME="$place/home" CLAUDE_CONFIG_DIR="$place/$1" \
    "$place/npm/node_modules/.bin/ccusage" session --offline --json |
    python3 -c '
import json, sys

listed = json.load(sys.stdin)
costs = {one.get("sessionId") or one["period"]: "$%.6f" % one["totalCost"] for one in listed.get("sessions") or listed["session"]}
print("parent %s, fork %s" % tuple(costs.get(name, "not listed") for name in sys.argv[1:]))' "$1" "$2"
}
small=1c000000-0000-4000-8000-000000000001 large=9c000000-0000-4000-8000-000000000009
first=$(costs $small $large)
second=$(costs $large $small)
echo "The parent has the smaller name: $first. The fork has it: $second."
[[ $first == "parent \$0.011250, fork \$0.003750" && $second == "parent not listed, fork \$0.015000" ]]
