import logging

import pytest

from exporter.web.http.site import NotReadyError
from tests.exporter.web.client import get
from tests.exporter.web.conftest import METRICS, TEXT_TYPE, Serve, SmallSite


def raising(error: Exception) -> None:
    raise error


def test_the_landing_page_is_html(serve: Serve) -> None:
    reply = get(serve(), "/")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'href="/metrics"' in reply.text


def test_the_metrics_are_plain_text_by_default(serve: Serve) -> None:
    reply = get(serve())
    assert (reply.status, reply.body) == (200, METRICS[False])
    assert reply.headers["content-type"] == TEXT_TYPE
    assert reply.headers["vary"] == "Accept, Accept-Encoding"
    assert "content-encoding" not in reply.headers


@pytest.mark.parametrize("path", ["/metrics?name[]=up", "http://localhost/metrics", "HTTP://proxy:1/metrics?x=1"])
def test_a_query_and_an_absolute_target_do_not_change_the_page(serve: Serve, path: str) -> None:
    assert get(serve(), path).body == METRICS[False]


def test_the_server_is_healthy_before_it_is_ready(serve: Serve) -> None:
    reply = get(serve(SmallSite(reason=lambda: "No log directory yet.")), "/-/healthy")
    assert (reply.status, reply.text) == (200, "hookmeter is healthy.\n")


def test_readiness_has_a_message_either_way(serve: Serve) -> None:
    site = SmallSite()
    server = serve(site)
    assert (get(server, "/-/ready").status, get(server, "/-/ready").text) == (200, "hookmeter is ready.\n")
    site.reason = lambda: "The logs are still being read."
    reply = get(server, "/-/ready")
    assert (reply.status, reply.text) == (503, "The logs are still being read.\n")


def test_metrics_that_are_not_ready_have_the_reason_and_retry_after(serve: Serve) -> None:
    reply = get(serve(SmallSite(lambda: raising(NotReadyError("The logs are still being read.")))))
    assert (reply.status, reply.text) == (503, "The logs are still being read.\n")
    assert reply.headers["content-type"].startswith("text/plain")
    assert int(reply.headers["retry-after"]) > 0


@pytest.mark.parametrize("error", [RuntimeError("secret path"), TimeoutError("secret path"), OSError("secret path")])
def test_a_page_that_fails_is_logged_and_does_not_affect_others(
    serve: Serve, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    server = serve(SmallSite(lambda: raising(error)))
    reply = get(server)
    assert (reply.status, reply.text) == (500, "This page cannot be built: see hookmeter's log.\n")
    assert "secret path" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR
    assert get(server, "/-/ready").status == 200


def test_an_unknown_path_is_not_found(serve: Serve) -> None:
    server = serve()
    assert {get(server, path).status for path in ("/x", "/metrics/", "//", "*")} == {404}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_only_get_and_head_are_allowed(serve: Serve, method: str) -> None:
    reply = get(serve(), method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/healthy", "/-/ready", "/x"])
def test_head_has_the_headers_of_get_and_no_body(serve: Serve, path: str) -> None:
    server = serve()
    get_reply, head_reply = get(server, path), get(server, path, method="HEAD")
    assert head_reply.body == b""
    without_date = [{**reply.headers, "date": ""} for reply in (get_reply, head_reply)]
    assert without_date[0] == without_date[1]
    assert int(head_reply.headers["content-length"]) == len(get_reply.body)
