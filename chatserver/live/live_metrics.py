"""Snapshots of the metrics, each serialized once and published to all clients that may see the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Set
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.live.broadcast import CLOSE_SECONDS, Broadcaster
from chatserver.live.sse import Frame, event
from exporter.metrics import MetricsAggregator
from exporter.model.log import logger
from exporter.snapshot.schema import Metrics

log = logger(__name__)
SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The metrics at one time. The id is a hash of them, so equal metrics have equal ids, also on other servers."""

    snapshot_id: str
    body: bytes

    @classmethod
    def of(cls, metrics: Metrics) -> Snapshot:
        """Serialize metrics."""
        body = msgspec.json.encode(metrics)
        return cls(blake2b(body, digest_size=12).hexdigest(), body)

    def event(self) -> str:
        """The snapshot as a server-sent event."""
        return event(self.body.decode(), message_id=self.snapshot_id)


class LiveMetrics:
    """Snapshots of the metrics, and their publication to streams. Any thread may call it.

    While anyone listens, changes are looked for every two seconds. Admins are one audience, and see everything; every
    other user is an audience of their own, and sees the figures of all, but only their own tasks, and the sessions of
    these: those that `sessions_of` returns.
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
        self._sessions_of = sessions_of
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # guards everything below
        self._metrics: Metrics | None = None
        self._snapshots: dict[str, Snapshot] = {}  # of these metrics, by their audience
        self._published: dict[str, str] = {}  # the id of the snapshot that an audience was sent last
        self._watcher: threading.Thread | None = None

    def read_snapshot(self, viewer: Viewer = LOCAL_ADMIN) -> Snapshot:
        """The metrics as of two seconds ago at most."""
        with self._lock:
            return self._read(audience_of(viewer))

    def publish_snapshot(self, viewer: Viewer = LOCAL_ADMIN) -> Snapshot:
        """The same, after it was sent to the streams of all who see the same, unless they were sent it already."""
        audience = audience_of(viewer)
        with self._lock:
            snapshot = self._read(audience)
            if snapshot.snapshot_id != self._published.get(audience):
                self._publish(audience, snapshot)
            return snapshot

    def watch(self) -> None:
        """Look for changes, and publish them, from now on."""
        with self._lock:
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="live-metrics", daemon=True)
                self._watcher.start()

    def close(self) -> None:
        """End all streams and the watching, and release what the metrics are read from."""
        self._stopping.set()
        self.broadcaster.close()
        with self._lock:
            watcher = self._watcher
        if watcher:
            watcher.join(CLOSE_SECONDS)
        self.aggregator.close()

    def _read(self, audience: str) -> Snapshot:
        metrics = self.aggregator.get_metrics()
        if metrics is not self._metrics:
            self._metrics, self._snapshots = metrics, {}
        if audience not in self._snapshots:
            self._snapshots[audience] = Snapshot.of(self._visible_metrics(audience, metrics))
        return self._snapshots[audience]

    def _visible_metrics(self, audience: str, metrics: Metrics) -> Metrics:
        if not audience:
            return metrics
        viewer = Viewer(audience)
        return self.aggregator.get_metrics_of(viewer, self._sessions_of(viewer))

    def _publish(self, audience: str, snapshot: Snapshot) -> None:
        listening = self.broadcaster.audiences()
        kept = {name: snapshot_id for name, snapshot_id in self._published.items() if name in listening}
        self._published = kept | {audience: snapshot.snapshot_id}
        self.broadcaster.publish(Frame.of(snapshot.event(), snapshot.snapshot_id), audience)

    def _watch(self) -> None:
        while not self._stopping.wait(self._seconds):
            for audience in self.broadcaster.audiences():
                self._try_to_publish(audience)

    def _try_to_publish(self, audience: str) -> None:
        try:
            self.publish_snapshot(Viewer(audience) if audience else LOCAL_ADMIN)
        except Exception:  # a database that is away for a moment must not end the updates of all streams
            log.exception("The metrics could not be computed; streams show the last ones until they can.")


def audience_of(viewer: Viewer) -> str:
    """The audience of a viewer: all admins share one, the empty one; every user is one."""
    return "" if viewer.is_admin else viewer.user_id
