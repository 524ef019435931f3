"""What the page says of the metrics of the server."""

from __future__ import annotations

from chatserver.accounts.login_tally import LoginResult
from chatserver.web.request_tally import METHODS, OTHER
from tools.metrics_page.records import Example, LabelText, MetricText, Section

ROUTE = LabelText("the rule that the path fits, such as `/api/tasks/<task_id>`, or `other`")
METHOD = LabelText("how it was asked", (*sorted(METHODS), OTHER))

REQUESTS = (
    MetricText(
        "hookmeter_http_requests_total",
        "requests",
        Example(
            "the share of requests that the server failed at",
            'sum(rate(hookmeter_http_requests_total{code=~"5.."}[5m])) / sum(rate(hookmeter_http_requests_total[5m]))',
        ),
        labels={"method": METHOD, "route": ROUTE, "code": LabelText("the answer's status code")},
    ),
    MetricText(
        "hookmeter_http_request_duration_seconds",
        "seconds",
        Example(
            "the 95th percentile of how long answers take, by route",
            "histogram_quantile(0.95, sum by (le, route) (rate(hookmeter_http_request_duration_seconds_bucket[5m])))",
        ),
        labels={"route": ROUTE},
    ),
    MetricText(
        "hookmeter_logins_total",
        "log-ins",
        Example(
            "log-ins that were turned away in the last hour",
            'sum by (result) (increase(hookmeter_logins_total{result!="success"}[1h]))',
        ),
        labels={"result": LabelText("what became of it", tuple(LoginResult))},
    ),
)
CONNECTIONS = (
    MetricText(
        "hookmeter_streams",
        "streams",
        Example("clients that follow now", "sum(hookmeter_streams)"),
    ),
    MetricText(
        "hookmeter_stream_sent_bytes_total",
        "bytes",
        Example(
            "bytes a second for each stream",
            "sum(rate(hookmeter_stream_sent_bytes_total[5m])) / sum(avg_over_time(hookmeter_streams[5m]))",
        ),
    ),
    MetricText(
        "hookmeter_streams_dropped_total",
        "streams",
        Example("streams broken off in the last hour", "sum(increase(hookmeter_streams_dropped_total[1h]))"),
    ),
    MetricText(
        "hookmeter_streams_refused_total",
        "streams",
        Example("streams refused in the last hour", "sum(increase(hookmeter_streams_refused_total[1h]))"),
    ),
    MetricText("hookmeter_sockets", "sockets", Example("chats that are open now", "sum(hookmeter_sockets)")),
)
SERVER = Section("The server", (*REQUESTS, *CONNECTIONS), before="On the server's own `/metrics` as well.")
