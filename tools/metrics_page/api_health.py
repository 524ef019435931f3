"""Errors and retries of the API, and fallbacks to another model."""

from __future__ import annotations

from exporter.model.api_health import ApiErrorOutcome, FallbackTrigger
from tools.metrics_page.records import Example, LabelText, MetricText, Section

API_HEALTH = Section(
    "API health",
    (
        MetricText(
            "claude_api_errors_total",
            "requests",
            Example(
                "requests that users saw fail in the last day, by status",
                'sum by (status) (series:claude_api_errors:increase1d{outcome="abandoned"})',
            ),
            more="Every failed attempt counts. A request that Claude Code itself refuses to send is not counted.",
            labels={
                "status": LabelText(
                    "the HTTP status from 400 to 599, `network` without a response, otherwise `unknown`"
                ),
                "outcome": LabelText("what followed", tuple(ApiErrorOutcome)),
            },
        ),
        MetricText(
            "claude_api_retry_wait_seconds_total",
            "seconds",
            Example(
                "seconds that requests waited for retries in the last hour",
                "sum(series:claude_api_retry_wait_seconds:increase1h)",
            ),
            more="An interrupted wait counts in full.",
        ),
        MetricText(
            "claude_model_fallbacks_total",
            "fallbacks",
            Example(
                "fallbacks in the last day, by model and trigger",
                "sum by (from_model, trigger) (series:claude_model_fallbacks:increase1d)",
            ),
            labels={
                "trigger": LabelText("why the model was switched", tuple(FallbackTrigger)),
                "from_model": LabelText("the model that was requested"),
                "to_model": LabelText("the model that replaced it"),
            },
        ),
    ),
)
