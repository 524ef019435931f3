"""A stream and the token that it was opened with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g, request
from prometheus_client import CollectorRegistry

from chatserver.accounts.tokens import Tokens
from chatserver.accounts.users import Users
from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.api.metrics import metrics
from chatserver.live.broadcast import Broadcaster
from chatserver.live.live_metrics import LiveMetrics
from chatserver.monitoring.server_metrics import ServerMetrics
from chatserver.services import EXTENSION
from chatserver.storage.database import Database
from exporter.hooks_reader import HooksReader
from exporter.metrics import MetricsAggregator
from exporter.snapshot.live_sessions import LiveSessions
from tests.chatserver.live.app import Parts, Tasks
from tests.chatserver.live.client import Stream
from tests.chatserver.live.conftest import threads
from tests.chatserver.world import PASSWORD, made_settings


@pytest.fixture
def tokens(database: Database, tmp_path: Path) -> Tokens:
    return Tokens(database, made_settings(tmp_path))


@pytest.fixture
def port(tokens: Tokens, tmp_path: Path) -> Iterator[int]:
    """An app that asks everyone for a token."""
    app = Flask(__name__)

    @app.before_request
    def identify() -> None:
        g.identity, g.viewer = tokens.verify(request.headers["Authorization"]), LOCAL_ADMIN

    aggregator = MetricsAggregator(Tasks(), LiveSessions(tmp_path), HooksReader(tmp_path))
    broadcaster = Broadcaster(heartbeat_seconds=0.1)
    live = LiveMetrics(aggregator, broadcaster, sessions_of=lambda _: frozenset())
    app.extensions[EXTENSION] = Parts(live, ServerMetrics(broadcaster, lambda: 0, CollectorRegistry()), tokens)
    app.register_blueprint(metrics)
    with threads(app) as port:
        yield port
    live.close()


def test_a_stream_ends_once_its_token_is_revoked_and_no_other_does(
    port: int, tokens: Tokens, database: Database
) -> None:
    user = Users(database).add_user("ann", PASSWORD, "user")
    first, second = tokens.issue(user), tokens.issue(user)
    mine, other = (Stream(port, "/api/metrics", {"Authorization": token}) for token in (first, second))
    identity = tokens.verify(first)
    tokens.revoke(identity.jti, identity.expires_us)
    while (event := mine.event()).get("event") != "bye":
        pass
    assert event == {"event": "bye", "data": "the token is no longer valid"}
    assert mine.ended()
    other.event()
    other.event()
    assert other.event() == {"": "still here"}
    for stream in (mine, other):
        stream.close()
