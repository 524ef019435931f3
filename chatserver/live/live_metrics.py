"""The metrics as they change: each snapshot is serialised once, and published to all who may see the same."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Set
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from chatserver.live.broadcast import END_SECONDS, Broadcaster
from chatserver.live.sse import Frame, event
from chatserver.tasks.records import LOCAL_ADMIN, Viewer
from exporter.metrics import MetricsAggregator
from exporter.snapshot.schema import Metrics

log = logging.getLogger(__name__)
SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The metrics at one moment. The id is made of them: what is the same has the same, also on another server."""

    snapshot_id: str
    body: bytes

    @classmethod
    def of(cls, metrics: Metrics) -> Snapshot:
        """The snapshot of metrics."""
        body = msgspec.json.encode(metrics)
        return cls(blake2b(body, digest_size=12).hexdigest(), body)

    def event(self) -> str:
        """It as a server-sent event."""
        return event(self.body.decode(), message_id=self.snapshot_id)


class LiveMetrics:
    """Looks every two seconds whether the metrics have changed, as long as anyone listens. Any thread may call it.

    Admins are one audience, and see everything; every other user is one by themselves, and sees the figures of all, but
    only their own tasks, and the sessions of these: `sessions_of` says which.
    """

    def __init__(
        self,
        aggregator: MetricsAggregator,
        broadcaster: Broadcaster,
        seconds: float = SECONDS,
        *,
        sessions_of: Callable[[Viewer], Set[str]],
    ) -> None:
        self.aggregator = aggregator
        self.broadcaster = broadcaster
        self._seconds = seconds
        self._lock = threading.Lock()  # over all below
        self._sessions_of = sessions_of
        self._metrics: Metrics | None = None
        self._snapshots: dict[str, Snapshot] = {}
        self._fresh: set[str] = set()  # the audiences whose snapshots are of these metrics
        self._watching: threading.Thread | None = None
        self._stopping = threading.Event()

    def current(self, viewer: Viewer = LOCAL_ADMIN) -> Snapshot:
        """The metrics as of two seconds ago at most; where they have changed, all who see the same are told."""
        audience = audience_of(viewer)
        with self._lock:
            metrics = self.aggregator.get_metrics()
            if metrics is not self._metrics:
                self._metrics = metrics
                self._fresh.clear()
            if audience not in self._fresh:
                self._renew(audience, metrics)
            return self._snapshots[audience]

    def watch(self) -> None:
        """Look for changes from now on."""
        with self._lock:
            if self._watching is None:
                self._watching = threading.Thread(target=self._watch, name="live-metrics", daemon=True)
                self._watching.start()

    def close(self) -> None:
        """End all streams, look no more, and let go of what was looked at."""
        self._stopping.set()
        self.broadcaster.close()
        with self._lock:
            watching = self._watching
        if watching:
            watching.join(END_SECONDS)
        self.aggregator.close()

    def _renew(self, audience: str, metrics: Metrics) -> None:
        viewer = Viewer(audience)
        found = Snapshot.of(self.aggregator.get_metrics_of(viewer, self._sessions_of(viewer)) if audience else metrics)
        self._fresh.add(audience)
        if found != self._snapshots.get(audience):
            heard = self.broadcaster.audiences()
            self._snapshots = {name: kept for name, kept in self._snapshots.items() if name in heard}
            self.broadcaster.publish(Frame.of(found.event(), found.snapshot_id), audience)
        self._snapshots[audience] = found

    def _watch(self) -> None:
        while not self._stopping.wait(self._seconds):
            for audience in self.broadcaster.audiences():
                self._look(audience)

    def _look(self, audience: str) -> None:
        try:
            self.current(Viewer(audience) if audience else LOCAL_ADMIN)
        except Exception:  # a database that is away for a moment must not still the streams for ever
            log.exception("The metrics could not be computed; the streams show the last ones until they can.")


def audience_of(viewer: Viewer) -> str:
    """Who sees the same as somebody: all admins, or they alone."""
    return "" if viewer.is_admin else viewer.user_id
