"""The labels that metrics of several subjects have."""

from __future__ import annotations

from tools.metrics_page.records import LabelText

TOOL = LabelText("the tool's name; those of MCP servers are `mcp__<server>__<tool>`")
AGENT = LabelText("`main`, or the sub-agent's type")
MODEL = LabelText("the model's name, as the transcript has it")
PROJECT = LabelText("the name of the folder that Claude Code was started in, `unknown` where the log does not say")
