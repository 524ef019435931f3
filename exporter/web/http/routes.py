"""The paths of the server and their handlers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from exporter.web.http.messages import Response, plain_text
from exporter.web.http.negotiation import wants_gzip
from exporter.web.http.site import NotReadyError, Site

METHODS = ("GET", "HEAD")
RETRY_AFTER = ("Retry-After", "5")
VARY = ("Vary", "Accept, Accept-Encoding")


@dataclass(frozen=True, slots=True)
class RouteResponse:
    """What a handler returns, shared by all who send the same request at the same time."""

    plain: Response
    gzipped: Response | None = None

    def encoded(self, accept_encoding: str) -> Response:
        """The response in an encoding that the client accepts."""
        return self.gzipped if self.gzipped and wants_gzip(accept_encoding) else self.plain


@dataclass(frozen=True, slots=True)
class Route:
    """A handler, whose flag is whether OpenMetrics is wanted, and whether it may block."""

    handler: Callable[[Site, bool], RouteResponse]
    blocks: bool = True


def landing(site: Site, _openmetrics: bool) -> RouteResponse:
    """Show the landing page, or why there is none."""
    try:
        page = site.landing().encode()
    except NotReadyError as error:
        return _not_ready(str(error))
    return RouteResponse(Response(HTTPStatus.OK, (("Content-Type", "text/html; charset=utf-8"),), page))


def metrics(site: Site, openmetrics: bool) -> RouteResponse:
    """Show the metrics, or why there are none yet."""
    try:
        page = site.metrics(openmetrics)
    except NotReadyError as error:
        return _not_ready(str(error))
    plain = Response(HTTPStatus.OK, (("Content-Type", page.content_type), VARY), page.plain)
    gzipped = Response(HTTPStatus.OK, (*plain.headers, ("Content-Encoding", "gzip")), page.gzipped)
    return RouteResponse(plain, gzipped)


def healthy(_site: Site, _openmetrics: bool) -> RouteResponse:
    """Report that the server responds."""
    return RouteResponse(plain_text(HTTPStatus.OK, "hookmeter is healthy."))


def ready(site: Site, _openmetrics: bool) -> RouteResponse:
    """Report whether there are metrics to scrape, and why not."""
    reason = site.ready()
    if reason is None:
        return RouteResponse(plain_text(HTTPStatus.OK, "hookmeter is ready."))
    return _not_ready(reason)


def _not_ready(reason: str) -> RouteResponse:
    return RouteResponse(plain_text(HTTPStatus.SERVICE_UNAVAILABLE, reason, RETRY_AFTER))


ROUTES: Mapping[str, Route] = {
    "/": Route(landing),
    "/metrics": Route(metrics),
    "/-/healthy": Route(healthy, blocks=False),
    "/-/ready": Route(ready, blocks=False),
}
