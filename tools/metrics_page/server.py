"""The server: HTTP requests, logins, streams and sockets."""

from __future__ import annotations

from chatserver.accounts.login_tally import LoginResult
from chatserver.monitoring.request_tally import METHODS, OTHER
from tools.metrics_page.records import Example, LabelText, MetricText, Section

ROUTE = LabelText("the route of the request, such as `/api/tasks/<task_id>`; `other` if none matches")
METHOD = LabelText("the HTTP method", (*sorted(METHODS), OTHER))

REQUESTS = (
    MetricText(
        "hookmeter_http_requests_total",
        "requests",
        Example(
            "ratio of requests with a server error",
            'sum(rate(hookmeter_http_requests_total{code=~"5.."}[5m])) / sum(rate(hookmeter_http_requests_total[5m]))',
        ),
        labels={"method": METHOD, "route": ROUTE, "code": LabelText("the HTTP status code")},
    ),
    MetricText(
        "hookmeter_http_request_duration_seconds",
        "seconds",
        Example(
            "95th percentile of the response time, by route",
            "histogram_quantile(0.95, sum by (le, route) (rate(hookmeter_http_request_duration_seconds_bucket[5m])))",
        ),
        labels={"route": ROUTE},
    ),
    MetricText(
        "hookmeter_logins_total",
        "logins",
        Example(
            "failed and limited logins in the last hour",
            'sum by (result) (series:hookmeter_logins:increase1h{result!="success"})',
        ),
        labels={"result": LabelText("the result of the attempt", tuple(LoginResult))},
    ),
)
CONNECTIONS = (
    MetricText(
        "hookmeter_streams",
        "streams",
        Example("open streams", "sum(hookmeter_streams)"),
    ),
    MetricText(
        "hookmeter_stream_sent_bytes_total",
        "bytes",
        Example(
            "bytes per second and stream",
            "sum(rate(hookmeter_stream_sent_bytes_total[5m])) / sum(avg_over_time(hookmeter_streams[5m]))",
        ),
    ),
    MetricText(
        "hookmeter_streams_dropped_total",
        "streams",
        Example("streams dropped in the last hour", "sum(series:hookmeter_streams_dropped:increase1h)"),
    ),
    MetricText(
        "hookmeter_streams_refused_total",
        "streams",
        Example("streams refused in the last hour", "sum(series:hookmeter_streams_refused:increase1h)"),
    ),
    MetricText("hookmeter_sockets", "sockets", Example("open sockets", "sum(hookmeter_sockets)")),
)
SERVER = Section(
    "The server", (*REQUESTS, *CONNECTIONS), before="Exported by the [server](server.md) on its `/metrics`."
)
