"""The `cost-state` lines of transcripts: what a session has cost up to the end of one of its processes."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from exporter.model.cost_states import CostState
from exporter.model.keys import key_of
from exporter.model.money import PICODOLLARS
from exporter.model.records import Usage
from exporter.sources.line_context import LineContext
from exporter.sources.transcript_lines import UNDECODABLE

MAX_TOKENS = 10**10  # of a session; a message has a hundredth at most
MAX_MILLISECONDS = 10**15
MAX_DOLLARS = 10**9
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_TOKENS)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=MAX_MILLISECONDS)]
Dollars = Annotated[float, msgspec.Meta(ge=0, le=MAX_DOLLARS)]
MILLISECOND_US = 1_000


class _ModelUsage(msgspec.Struct, rename="camel", gc=False):
    input_tokens: Count
    output_tokens: Count
    cache_read_input_tokens: Count
    cache_creation_input_tokens: Count
    cache_creation_1h_tokens: Count = msgspec.field(name="cacheCreationEphemeral1hInputTokens", default=0)
    web_search_requests: Count = 0
    cost_usd: Dollars = msgspec.field(name="costUSD", default=0)


class _Line(msgspec.Struct, rename="camel", gc=False):
    type: Literal["cost-state"]
    session_id: Annotated[str, msgspec.Meta(min_length=1)]
    total_duration: Amount
    start_time: Amount
    model_usage: dict[str, _ModelUsage]
    total_api_duration: Amount = msgspec.field(name="totalAPIDuration", default=0)
    total_api_duration_without_retries: Amount = msgspec.field(name="totalAPIDurationWithoutRetries", default=0)
    total_tool_duration: Amount = 0
    total_lines_added: Amount = 0
    total_lines_removed: Amount = 0


DECODER = msgspec.json.Decoder(_Line)
KEY_ENCODER = msgspec.msgpack.Encoder()


def cost_state(text: bytes, context: LineContext, directory: str) -> CostState | None:
    """The cost-state of a line in a project's directory; None if a number is missing or out of range.

    Claude Code itself ignores it then.
    """
    try:
        line = DECODER.decode(text)
    except (msgspec.ValidationError, *UNDECODABLE):
        return None
    usage = {model: _usage(used) for model, used in sorted(line.model_usage.items())}
    started_us, duration_us = (round(amount * MILLISECOND_US) for amount in (line.start_time, line.total_duration))
    others = (
        line.total_api_duration, line.total_api_duration_without_retries, line.total_tool_duration,
        line.total_lines_added, line.total_lines_removed,
    )  # fmt: skip
    key = key_of(KEY_ENCODER.encode((line.session_id, started_us, duration_us, usage, others)))
    return CostState(
        key,
        line.session_id,
        context.project_label(line.session_id),
        directory,
        context.time_us(text),
        started_us,
        duration_us,
        usage,
        {model: round(used.cost_usd * PICODOLLARS) for model, used in line.model_usage.items()},
        others,
    )


def _usage(used: _ModelUsage) -> Usage:
    """Cache writes count as 5-minute ones unless reported as 1-hour ones, as in messages."""
    written = used.cache_creation_input_tokens
    hour = min(used.cache_creation_1h_tokens, written)
    read, searches = used.cache_read_input_tokens, used.web_search_requests
    return Usage(used.input_tokens, used.output_tokens, read, written - hour, hour, searches)
