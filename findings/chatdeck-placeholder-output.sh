#!/usr/bin/env bash
# package    chatdeck 0.1.0 (PyPI), which counts the tokens in the transcripts of Claude Code
# behaviour  Claude Code writes a line for each block of an API response, under one message id. The usage of all but the
#            last has the output tokens so far, often one or two. chatdeck counts the first line of each message.
# expected   The response has 800 output tokens, the largest number that any of its lines reports.
# seen       2 output tokens.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check chatdeck==0.1.0 >&2

project="$place/projects/-home-dev-shop"
mkdir -p "$project"
line() { # output tokens so far, content
  printf '{"type":"assistant","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[%s],"usage":{"input_tokens":1200,"output_tokens":%s,"cache_read_input_tokens":5000,"cache_creation_input_tokens":300}},"requestId":"req_1","timestamp":"2026-11-20T12:00:00.000Z","cwd":"/home/dev/shop","sessionId":"c1000000-0000-4000-8000-000000000001","isSidechain":false,"version":"2.1.332"}\n' "$2" "$1"
}
{
  line 2 '{"type":"text","text":"Running the tests."}'
  line 800 '{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"make"}}'
} >"$project/c1000000-0000-4000-8000-000000000001.jsonl"

seen=$("$place/venv/bin/python" - "$place/projects" <<'END'
import sys

from chatdeck.transcripts import Index

[(_, chat)] = Index(sys.argv[1]).all().values()
print(*(output for _, output, _, _ in chat.days.values()))
END
)
echo "Of 800 output tokens, chatdeck counts $seen."
[[ $seen == 2 ]]
