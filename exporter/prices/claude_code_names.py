"""The names by which Claude Code itself calls its models (2.1.332), on Anthropic's API, Bedrock, Vertex and Foundry."""

from __future__ import annotations

import re

REGION = r"(?:(?:us|eu|apac|jp|au|us-gov|global)\.)?"


def _dated(name: str, day: str, version: str = "v1:0") -> str:
    return rf"{name}(?:[-@]{day})?|{REGION}anthropic\.{name}-{day}-{version}"


# The names of models that have a date or a version, by their names in the price list. Newer ones have neither.
PATTERNS = {
    "claude-3-5-haiku-latest": _dated("claude-3-5-haiku", "20241022"),
    "claude-3-5-sonnet": _dated("claude-3-5-sonnet", "20241022", "v2:0") + "|claude-3-5-sonnet-v2@20241022",
    "claude-3-7-sonnet-latest": _dated("claude-3-7-sonnet", "20250219"),
    "claude-haiku-4-5": _dated("claude-haiku-4-5", "20251001") + r"|anthropic\.claude-haiku-4-5",
    "claude-opus-4-0": _dated("claude-opus-4", "20250514") + "|claude-opus-4-0",
    "claude-opus-4-1": _dated("claude-opus-4-1", "20250805"),
    "claude-opus-4-5": _dated("claude-opus-4-5", "20251101"),
    "claude-opus-4-6": rf"claude-opus-4-6|{REGION}anthropic\.claude-opus-4-6-v1",
    "claude-sonnet-4-0": _dated("claude-sonnet-4", "20250514") + "|claude-sonnet-4-0",
    "claude-sonnet-4-5": _dated("claude-sonnet-4-5", "20250929"),
}


def is_used_by_claude_code(name: str, model: str) -> bool:
    """Whether Claude Code calls a model of the price list by this name, which is in lower case."""
    return re.fullmatch(PATTERNS.get(model) or rf"{model}|{REGION}anthropic\.{model}", name) is not None
