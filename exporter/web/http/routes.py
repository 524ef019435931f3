"""The paths of this server, each with the answer that it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from exporter.web.http.messages import Response, sentence
from exporter.web.http.negotiation import wants_gzip
from exporter.web.http.site import NotReadyError, Site

METHODS = ("GET", "HEAD")
RETRY_AFTER = ("Retry-After", "5")
VARY = ("Vary", "Accept, Accept-Encoding")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route gives to everybody who asks at the same time."""

    plain: Response
    gzipped: Response | None = None

    def encoded(self, accept_encoding: str) -> Response:
        """Return the form that this client takes."""
        return self.gzipped if self.gzipped and wants_gzip(accept_encoding) else self.plain


@dataclass(frozen=True, slots=True)
class Route:
    """How to answer for a path; the flag of the answer is whether OpenMetrics is wanted."""

    answer: Callable[[Site, bool], Answer]
    blocks: bool = True


def landing(site: Site, _openmetrics: bool) -> Answer:
    """Return the page that leads to the others."""
    return Answer(Response(HTTPStatus.OK, (("Content-Type", "text/html; charset=utf-8"),), site.landing().encode()))


def metrics(site: Site, openmetrics: bool) -> Answer:
    """Return the metrics, or the sentence why there are none yet."""
    try:
        page = site.metrics(openmetrics)
    except NotReadyError as error:
        return Answer(sentence(HTTPStatus.SERVICE_UNAVAILABLE, str(error), RETRY_AFTER))
    plain = Response(HTTPStatus.OK, (("Content-Type", page.content_type), VARY), page.plain)
    gzipped = Response(HTTPStatus.OK, (*plain.headers, ("Content-Encoding", "gzip")), page.gzipped)
    return Answer(plain, gzipped)


def healthy(_site: Site, _openmetrics: bool) -> Answer:
    """Say that the server answers at all."""
    return Answer(sentence(HTTPStatus.OK, "hookmeter is healthy."))


def ready(site: Site, _openmetrics: bool) -> Answer:
    """Say whether there are metrics to scrape."""
    reason = site.ready()
    if reason is None:
        return Answer(sentence(HTTPStatus.OK, "hookmeter is ready."))
    return Answer(sentence(HTTPStatus.SERVICE_UNAVAILABLE, reason, RETRY_AFTER))


ROUTES: Mapping[str, Route] = {
    "/": Route(landing),
    "/metrics": Route(metrics),
    "/-/healthy": Route(healthy, blocks=False),
    "/-/ready": Route(ready),
}
