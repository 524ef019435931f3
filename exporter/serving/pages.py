"""The metrics page: rendered when something has changed, and cached until the next change."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from exporter.collectors import COLLECTORS
from exporter.collectors.isolated import Collector, IsolatedCollectors
from exporter.counting.budgets import day_ends_us
from exporter.ingest.meter import Meter
from exporter.model.sessions import next_change_us
from exporter.web.http.site import Page

GZIP_LEVEL = 1
GZIP_WINDOW = 31  # for zlib: 32 KiB, with a gzip header
END_OF_OPENMETRICS = b"# EOF\n"


@dataclass(frozen=True, slots=True)
class Format:
    """An exposition format: its content type, its renderer and the marker at its end."""

    content_type: str
    render: Callable[[CollectorRegistry], bytes]
    end: bytes = b""


TEXT = Format(CONTENT_TYPE_LATEST, generate_latest)
OPENMETRICS = Format(openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest, END_OF_OPENMETRICS)


@dataclass(frozen=True, slots=True)
class _CachedPage:
    """A rendered page without its end marker. It is valid until the meter changes, and between two moments."""

    changes: int
    valid_from_us: int
    valid_until_us: int
    plain: bytes
    gzipped: bytes
    compressor: zlib._Compress

    def is_valid(self, now_us: int) -> bool:
        """Whether time alone has changed nothing; not before it was rendered, if the clock was set back."""
        return self.valid_from_us <= now_us < self.valid_until_us


class Pages:
    """The page in both formats. The caller holds the lock of the meter while it calls `page`."""

    def __init__(self, meter: Meter, collectors: Sequence[tuple[str, Collector[Meter]]] = COLLECTORS) -> None:
        self._meter = meter
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(IsolatedCollectors(meter, collectors))
        self._process = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._process)
        self._cache: dict[str, _CachedPage] = {}

    def page(self, form: Format) -> Page:
        """The current page. Process metrics are rendered each time, the others after a change or while there is lag."""
        cached = None if self._meter.is_behind else self._cache.get(form.content_type)
        if cached is None or cached.changes != self._meter.changes or not cached.is_valid(self._meter.clock()):
            cached = self._cache[form.content_type] = self._render(form)
        process = form.render(self._process)
        # The stream continues after the cached part, so only the small changing part is compressed.
        compressor = cached.compressor.copy()
        gzipped = cached.gzipped + compressor.compress(process) + compressor.flush()
        return Page(cached.plain + process, gzipped, form.content_type)

    def _render(self, form: Format) -> _CachedPage:
        now_us = self._meter.clock()
        plain = form.render(self._registry).removesuffix(form.end)
        compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
        gzipped = compressor.compress(plain) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return _CachedPage(self._meter.changes, now_us, self._valid_until_us(now_us), plain, gzipped, compressor)

    def _valid_until_us(self, now_us: int) -> int:
        if self._meter.is_behind:
            return now_us
        changes = (next_change_us(session, now_us) for session in self._meter.recent_sessions())
        resets = (quota.resets_us for quota in self._meter.quotas.current(now_us).values())
        return min(chain(changes, resets, (day_ends_us(now_us), self._meter.next_wait_us())))
