"""Counting of failed API requests and of fallbacks to another model."""

from __future__ import annotations

from exporter.counting.api_health import count_api_event
from exporter.counting.catalog import API_ERRORS, API_RETRY_WAIT, MODEL_FALLBACKS
from exporter.counting.counted_events import CountedEvents
from exporter.counting.totals import Increments
from exporter.model.api_health import ApiError, ApiErrorOutcome, FallbackTrigger, ModelFallback


def test_an_event_counts_with_its_labels() -> None:
    increments = Increments()
    count_api_event(ApiError(1, 0, "529", ApiErrorOutcome.RETRIED, 559), increments)
    count_api_event(ApiError(2, 0, "429", ApiErrorOutcome.ABANDONED), increments)
    count_api_event(ModelFallback(3, 0, FallbackTrigger.OVERLOADED, "sonnet", "haiku"), increments)
    assert +increments.counters == {
        (API_ERRORS.name, ("529", "retried")): 1,
        (API_ERRORS.name, ("429", "abandoned")): 1,
        (API_RETRY_WAIT.name, ()): 559,
        (MODEL_FALLBACKS.name, ("overloaded", "sonnet", "haiku")): 1,
    }


def test_a_key_is_new_once() -> None:
    events = CountedEvents()
    assert [events.add(key, known={2}) for key in (1, 1, 2, 3)] == [True, False, False, True]
    assert events.keys == {1, 3}
