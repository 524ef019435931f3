"""Labels that metrics of several sections share."""

from __future__ import annotations

from tools.metrics_page.records import LabelText

TOOL = LabelText("the name of the tool; for tools of MCP servers `mcp__<server>__<tool>`")
AGENT = LabelText("`main`, or the type of the sub-agent")
SPENDER = LabelText("`main`, the type of the sub-agent, or `not_itemized` for what is in no message")
MODEL = LabelText("the name of the model, as in the transcript")
PROJECT = LabelText(
    "the name of the directory in which Claude Code was started, with parents if an older project has the same name;"
    " `unknown` if it was not logged"
)
