#!/usr/bin/env bash
# package    dashboard-for-claude-code 0.1.1 (PyPI), which prices the tokens in the transcripts of Claude Code
# behaviour  It looks a price up by a part of the model's name. "opus-5" is part of "claude-opus-5-5", and "sonnet-5" of
#            "claude-sonnet-5-5", so that these models get the price of the ones before them. A comment next to the table
#            warns of this for "opus-4", and says that new models appear in "unknown_models" instead.
# expected   A million tokens in and out: $24 for Opus 5.5, $12 for Sonnet 5.5; or both in "unknown_models".
# seen       $30 and $18, and no unknown models. claude-haiku-5-5 costs $0, and is unknown.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps dashboard-for-claude-code==0.1.1 >&2

seen=$("$place/venv/bin/python" - <<'END'
from claude_dashboard.pricing import estimate_cost

million = {"input": 1_000_000, "output": 1_000_000}
models = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5")
estimate = estimate_cost(dict.fromkeys(models, million))
print(*(f"{estimate['by_model'][model]:.0f}" for model in models), *estimate["unknown_models"])
END
)
echo "A million tokens in and out of Opus, Sonnet and Haiku 5.5 in dollars, and the unknown models: $seen."
[[ $seen == "30 18 0 claude-haiku-5-5" ]]
