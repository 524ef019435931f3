#!/usr/bin/env bash
# package    claude-monitor 4.0.0 (PyPI), which prices the tokens in the transcripts of Claude Code
# behaviour  What is written to the cache for an hour costs 2 times the price of input, what is written for five minutes 1.25
#            times. The API and the transcript report both, in "cache_creation". claude-monitor takes their sum, and has one
#            price for it, that of five minutes.
# expected   100,000 tokens of Opus 4.6, at $5 per million of input, written for an hour, 1,200 of input, 80 of output: $1.008.
# seen       $0.633, as if they had been written for five minutes.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check claude-monitor==4.0.0 >&2

project="$place/projects/-home-dev-shop"
mkdir -p "$project"
printf '{"type":"assistant","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-4-6","content":[{"type":"text","text":"Done."}],"usage":{"input_tokens":1200,"output_tokens":80,"cache_read_input_tokens":0,"cache_creation_input_tokens":100000,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":100000}}},"requestId":"req_1","uuid":"uuid-1","timestamp":"2026-11-20T12:00:00.000Z","cwd":"/home/dev/shop","sessionId":"c1000000-0000-4000-8000-000000000001","isSidechain":false,"version":"2.1.332"}\n' \
  >"$project/c1000000-0000-4000-8000-000000000001.jsonl"

seen=$(env -i PATH="$PATH" HOME="$place" "$place/venv/bin/python" - "$place/projects" <<'END'
import sys

from claude_monitor.data.reader import load_usage_entries

entries, _ = load_usage_entries(sys.argv[1])
print(*(f"{entry.cost_usd:.3f} for {entry.cache_creation_tokens} tokens" for entry in entries))
END
)
echo "A message that wrote 100,000 tokens to the cache for an hour costs \$1.008; claude-monitor says: \$$seen."
[[ $seen == "0.633 for 100000 tokens" ]]
