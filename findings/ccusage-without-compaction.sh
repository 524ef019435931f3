#!/usr/bin/env bash
# package    ccusage 20.0.24 (npm), which reads the transcripts of Claude Code
# behaviour  It adds up the messages of a transcript. Claude Code writes no message for some of its requests, such as the
#            one by which /compact summarizes a conversation; since 2.1.330 at the latest, the line "cost-state" at the
#            end of a process has the totals of the session with these requests.
# expected   A session costs what Claude Code itself says that it cost: $0.138618.
# seen       $0.014850, without the summary: 150,000 tokens read from the cache, 5,000 of output.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
npm install --prefix "$place/npm" --no-audit --no-fund --loglevel=error ccusage@20.0.24 >&2

project="$place/config/projects/-home-dev-shop"
mkdir -p "$project" "$place/home"
message() {
  printf '{"type":"assistant","message":{"id":"msg_%s","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"Done."}],"usage":{"input_tokens":1200,"output_tokens":80,"cache_read_input_tokens":5000,"cache_creation_input_tokens":300,"cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":0}}},"requestId":"req_%s","uuid":"uuid-%s","timestamp":"2026-11-20T12:00:0%s.000Z","cwd":"/home/dev/shop","sessionId":"c1000000-0000-4000-8000-000000000001","version":"2.1.332"}\n' "$1" "$1" "$1" "$1"
}
{
  message 1
  message 2
  printf '%s\n' '{"type":"system","subtype":"compact_boundary","content":"Conversation compacted","compactMetadata":{"trigger":"manual","preTokens":6580,"postTokens":2668,"durationMs":68},"uuid":"uuid-3","timestamp":"2026-11-20T12:00:05.000Z","cwd":"/home/dev/shop","sessionId":"c1000000-0000-4000-8000-000000000001","version":"2.1.332"}'
  printf '%s\n' '{"type":"cost-state","totalCostUSD":0.138618,"totalDuration":943,"startTime":1795348800000,"modelUsage":{"claude-sonnet-4-5":{"inputTokens":2406,"outputTokens":5160,"cacheReadInputTokens":160000,"cacheCreationInputTokens":1600,"cacheCreationEphemeral5mInputTokens":1600,"cacheCreationEphemeral1hInputTokens":0,"webSearchRequests":0,"costUSD":0.138618}},"sessionId":"c1000000-0000-4000-8000-000000000001"}'
} >"$project/c1000000-0000-4000-8000-000000000001.jsonl"

seen=$(env -i PATH="$PATH" HOME="$place/home" CLAUDE_CONFIG_DIR="$place/config" \
  "$place/npm/node_modules/.bin/ccusage" daily --offline --json |
  python3 -c 'import json, sys; print("%.6f" % json.load(sys.stdin)["totals"]["totalCost"])')
echo "Claude Code says \$0.138618, ccusage says \$$seen."
[[ $seen == 0.014850 ]]
