"""The rules by which failed API requests and fallbacks to another model are counted."""

from __future__ import annotations

from exporter.counting.catalog import API_ERRORS, API_RETRY_WAIT, MODEL_FALLBACKS
from exporter.counting.totals import Increments
from exporter.model.api_health import ApiError, ApiEvent, ModelFallback


def count_api_event(event: ApiEvent, increments: Increments) -> None:
    """Count an event that was not counted before."""
    match event:
        case ApiError():
            increments.count(API_ERRORS, (event.status, event.outcome))
            increments.count(API_RETRY_WAIT, (), event.wait_ms)
        case ModelFallback():
            increments.count(MODEL_FALLBACKS, (event.trigger, event.from_model, event.to_model))
