import gzip

import pytest

from exporter.web.http.negotiation import wants_gzip, wants_openmetrics
from tests.exporter.web.client import get
from tests.exporter.web.conftest import METRICS, OPENMETRICS_TYPE, Serve

PROMETHEUS_2_42 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_3_PROTOBUF = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
    "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=underscores;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
PROMETHEUS_3_TEXT = "text/plain;version=0.0.4;q=0.7,*/*;q=0.6"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    "accept",
    [
        PROMETHEUS_2_42,
        PROMETHEUS_3,
        PROMETHEUS_3_PROTOBUF,
        "application/openmetrics-text",
        'Application/OpenMetrics-Text; Version="1.0.0" ; Q=0.5, */*;q=0.2',
        "application/openmetrics-text;q=0.5, text/plain;q=0.3, */*;q=0.9",
    ],
)
def test_openmetrics_is_sent_to_clients_that_prefer_it(accept: str) -> None:
    assert wants_openmetrics(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        PROMETHEUS_3_TEXT,
        BROWSER,
        "*/*",
        "application/*",
        "text/plain, application/openmetrics-text;q=0.9",
        "application/openmetrics-text;q=0",
        "application/openmetrics-text;version=0.0.1",
        "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;q=much",
        "application/openmetrics-text;q=nan",
        "application/openmetrics-text;q=7",
        ",;,;q=,=",
    ],
)
def test_other_clients_get_text(accept: str) -> None:
    assert not wants_openmetrics(accept)


@pytest.mark.parametrize("header", ["gzip", "deflate, GZIP", "*", "gzip;q=0.1", "br;q=1, gzip;q=0.5, identity;q=0.2"])
def test_gzip_is_sent_to_clients_that_accept_it(header: str) -> None:
    assert wants_gzip(header)


@pytest.mark.parametrize(
    "header", ["", "identity", "deflate", "gzip;q=0", "gzip;q=0.0, *", "*;q=0", "gzip;q=0.5, identity", "gzip;q=x"]
)
def test_gzip_is_not_sent_to_clients_that_refuse_it(header: str) -> None:
    assert not wants_gzip(header)


def test_prometheus_gets_openmetrics_gzipped(serve: Serve) -> None:
    reply = get(serve(), headers={"Accept": PROMETHEUS_3, "Accept-Encoding": "gzip"})
    assert reply.headers["content-type"] == OPENMETRICS_TYPE
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(reply.body) == METRICS[True]


def test_a_repeated_header_is_one_list(serve: Serve) -> None:
    reply = get(serve(), headers={"Accept": "text/html", "accept": "application/openmetrics-text"})
    assert reply.body == METRICS[True]


def test_gzip_with_weight_zero_gets_plain_bytes(serve: Serve) -> None:
    reply = get(serve(), headers={"Accept-Encoding": "gzip;q=0"})
    assert ("content-encoding" in reply.headers, reply.body) == (False, METRICS[False])
