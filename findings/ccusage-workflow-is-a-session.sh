#!/usr/bin/env bash
# package    ccusage 20.0.24 (npm), which reads the transcripts of Claude Code
# behaviour  What sub-agents spend is part of their session, and so ccusage has it. The sub-agents of the tool Workflow have
#            their transcripts one directory deeper, subagents/workflows/wf_…, and name their session in each line, too. Here
#            ccusage takes the name of the directory for a session.
# expected   A session whose main agent spent $0.003750, a sub-agent $0.007500 and a workflow $0.075000: $0.086250.
# seen       $0.011250 for the session, and $0.075000 for "wf_0a1b2c3d-4e5", a session that nobody can resume. A session
#            that mostly orchestrates is one of the cheapest of the list.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error ccusage@20.0.24 >&2

session=c1000000-0000-4000-8000-000000000001
project="$place/config/projects/-home-dev-shop"
agents="$project/$session/subagents"
mkdir -p "$agents/workflows/wf_0a1b2c3d-4e5" "$place/home"
message() { # number, tokens of output, what says whose it is
  printf '{%s,"type":"assistant","message":{"id":"msg_%s","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"Done."}],"stop_reason":"end_turn","usage":{"input_tokens":0,"output_tokens":%s,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}},"requestId":"req_%s","uuid":"uuid-%s","timestamp":"2026-11-20T12:0%s:00.000Z","cwd":"/home/dev/shop","sessionId":"%s","version":"2.1.332"}\n' \
    "$3" "$1" "$2" "$1" "$1" "$1" "$session"
}
message 1 250 '"isSidechain":false' >"$project/$session.jsonl"
message 2 500 '"isSidechain":true,"agentId":"a1b2c3","attributionAgent":"Explore"' >"$agents/agent-a1b2c3.jsonl"
message 3 5000 '"isSidechain":true,"agentId":"a4b5c6","attributionAgent":"workflow-subagent"' \
  >"$agents/workflows/wf_0a1b2c3d-4e5/agent-a4b5c6.jsonl"

seen=$(env -i PATH="$PATH" HOME="$place/home" CLAUDE_CONFIG_DIR="$place/config" \
  "$place/npm/node_modules/.bin/ccusage" session --offline --json |
  python3 -c '
import json, sys

listed = json.load(sys.stdin)
costs = {one.get("sessionId") or one["period"]: one["totalCost"] for one in listed.get("sessions") or listed["session"]}
print(*("$%.6f for %s" % (costs[name], name) for name in sorted(costs)), sep=", ")')
echo "Of a session that cost \$0.086250, ccusage lists: $seen."
[[ $seen == "\$0.011250 for $session, \$0.075000 for wf_0a1b2c3d-4e5" ]]
