"""From a request to its response: the web configuration first, then the route."""

import asyncio
from http import HTTPStatus

from exporter.model.log import logger
from exporter.model.token_bucket import TokenBucket
from exporter.web.config.basic_auth import BasicAuth, TooManyChecksError
from exporter.web.config.web_config import WebConfig
from exporter.web.config.web_config_file import WebConfigFile
from exporter.web.config.web_config_format import WebConfigError
from exporter.web.hosts import AllowedHosts
from exporter.web.http.messages import Request, Response, plain_text
from exporter.web.http.negotiation import wants_openmetrics
from exporter.web.http.routes import METHODS, RETRY_AFTER, ROUTES, Route, RouteResponse
from exporter.web.http.shared_calls import SharedCalls, StillRunningError
from exporter.web.http.site import Site

PAGE_THREADS = 2
TOO_SLOW = RouteResponse(
    plain_text(HTTPStatus.SERVICE_UNAVAILABLE, "This page takes too long to build.", RETRY_AFTER),
)
FAILED = RouteResponse(
    plain_text(HTTPStatus.INTERNAL_SERVER_ERROR, "This page cannot be built: see hookmeter's log."),
)
FOREIGN_HOST = plain_text(
    HTTPStatus.MISDIRECTED_REQUEST, "The Host header is not one of this server's hosts; allow it with --metrics-host."
)

log = logger(__name__)


class Responder:
    """Gives exactly one response to every request, whatever fails."""

    def __init__(self, site: Site, hosts: AllowedHosts, web_config: WebConfigFile | None, page_seconds: float) -> None:
        self._site = site
        self._hosts = hosts
        self._web_config = web_config
        self._page_seconds = page_seconds
        self._calls = SharedCalls[RouteResponse](PAGE_THREADS)
        self._auth = BasicAuth()
        # As in the exporter-toolkit, a change of the rate limit takes effect after a restart.
        rate = web_config.current().rate_limit if web_config else None
        self._bucket = TokenBucket(rate.interval, rate.burst) if rate and rate.interval else None

    async def respond(self, request: Request) -> Response:
        """The response, with the headers that the web configuration adds."""
        try:
            config = self._web_config.current() if self._web_config else WebConfig()
        except WebConfigError:
            return plain_text(
                HTTPStatus.INTERNAL_SERVER_ERROR, "The web configuration file is invalid: see hookmeter's log."
            )
        if self._bucket and not self._bucket.take_token(asyncio.get_running_loop().time()):
            return plain_text(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests.")
        refusal = await self._refusal(config, request)
        return (refusal or await self._route(request)).with_headers(config.headers)

    def close(self) -> None:
        """Cancel what has not started."""
        self._calls.close()
        self._auth.close()

    async def _refusal(self, config: WebConfig, request: Request) -> Response | None:
        """The response that refuses a client; None if it is authorized."""
        if not self._hosts.allow(request.host):
            return FOREIGN_HOST
        try:
            if not config.users or await self._auth.allows(config.users, request.authorization):
                return None
        except TooManyChecksError:
            return plain_text(
                HTTPStatus.SERVICE_UNAVAILABLE, "Too many passwords are waiting to be checked.", RETRY_AFTER
            )
        return plain_text(HTTPStatus.UNAUTHORIZED, "Unauthorized.", ("WWW-Authenticate", 'Basic realm="hookmeter"'))

    async def _route(self, request: Request) -> Response:
        route = ROUTES.get(request.path)
        if route is None:
            return plain_text(HTTPStatus.NOT_FOUND, "Not found: the metrics are at /metrics.")
        if request.method not in METHODS:
            allow = ", ".join(METHODS)
            return plain_text(HTTPStatus.METHOD_NOT_ALLOWED, f"Only {allow} are allowed here.", ("Allow", allow))
        return (await self._call(route, request)).encoded(request.accept_encoding)

    async def _call(self, route: Route, request: Request) -> RouteResponse:
        openmetrics = wants_openmetrics(request.accept)
        if not route.blocks:
            return route.handler(self._site, openmetrics)
        key = f"{request.path} {openmetrics}"
        try:
            return await self._calls.call(key, lambda: route.handler(self._site, openmetrics), self._page_seconds)
        except StillRunningError:
            return TOO_SLOW
        except Exception:  # a page that fails must not affect the others
            log.exception("cannot build the page %s", request.path)
            return FAILED
