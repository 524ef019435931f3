"""Failed API requests in transcripts, each counted once."""

from __future__ import annotations

from exporter.counting.catalog import (
    API_ERRORS,
    API_RETRY_WAIT,
    MODEL_FALLBACKS,
)
from exporter.ingest.meter import Meter
from tests.exporter.ingest.transcript_place import HAIKU, Place, lines, total
from tests.support.transcript_lines import (
    api_error_line,
    system_line,
    user_line,
    write,
)


def test_a_failed_request_counts_once_although_forked_and_resumed_sessions_copy_its_line(place: Place) -> None:
    models = {"originalModel": "claude-sonnet-4-5", "fallbackModel": HAIKU, "trigger": "overloaded"}
    failed = [api_error_line(1), api_error_line(2, 429), system_line("model_fallback", **models)]
    with place.meter() as meter:
        write(place.transcript, *failed)
        meter.catch_up()
    write(place.project / "fork.jsonl", *failed, api_error_line(3))
    with place.meter() as meter:
        meter.catch_up()
        assert (total(meter, API_ERRORS), total(meter, API_ERRORS, status="529", outcome="retried")) == (3, 2)
        assert total(meter, API_RETRY_WAIT) == 1500
        assert total(meter, MODEL_FALLBACKS, from_model="claude-sonnet-4-5", to_model=HAIKU) == 1
        assert lines(meter) == {"counted": 4, "duplicate": 3}


def test_a_transcript_that_is_read_again_counts_its_failed_requests_once(place: Place, meter: Meter) -> None:
    write(place.transcript, user_line(), api_error_line(1))
    meter.catch_up()
    place.transcript.write_text(api_error_line(1) + api_error_line(2))
    meter.catch_up()
    assert total(meter, API_ERRORS) == 2
