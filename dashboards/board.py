"""A board as sections of panels, laid out from left to right and top to bottom without overlaps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, TimePicker
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard, prometheus

from dashboards import queries
from dashboards.addresses import LOCAL, Addresses
from dashboards.links import BoardInfo, links_to_others
from dashboards.variables import DATA_SOURCE, GAPS, INSTANCE, datasource

GRID_WIDTH = 24
REFRESH = {"now-2d": "1m", "now-7d": "5m"}  # by the start of the time range; others: every 30 seconds
REFRESH_INTERVALS = ["10s", "30s", "1m", "5m", "15m", "1h"]


@dataclass(frozen=True, slots=True)
class Section:
    """A row heading and the panels below it."""

    title: str
    panels: Sequence[Builder[dashboard.Panel]]


@dataclass(frozen=True, slots=True)
class Board:
    """The table of contents of a board; `time_from` is the start of its default time range."""

    info: BoardInfo
    time_from: str
    variables: Sequence[dashboard.VariableModel]
    sections: Sequence[Section]

    def to_grafana(self, addresses: Addresses = LOCAL) -> dashboard.Dashboard:
        """Grafana's dashboard model, with links to the given addresses."""
        builder = Dashboard(f"hookmeter / {self.info.title}").uid(self.info.uid).description(self.info.description)
        builder.tags(["hookmeter"]).editable().tooltip(dashboard.DashboardCursorSync.CROSSHAIR).timezone("browser")
        builder.time(self.time_from, "now").refresh(REFRESH.get(self.time_from, "30s"))
        builder.timepicker(TimePicker().refresh_intervals(REFRESH_INTERVALS))
        builder.annotations(self._annotations()).links(links_to_others(self.info, addresses.server))  # type: ignore[arg-type]
        model = builder.build()
        model.panels = list(self._laid_out_panels())
        gaps = [variable for name, variable in GAPS.items() if _asks_for(name, model.panels)]
        model.templating = dashboard.DashboardDashboardTemplating([datasource(), *self.variables, *gaps])
        _show(model.links)
        _show(model.annotations.list_val if model.annotations else None)
        return model

    def _annotations(self) -> list[AnnotationQuery]:
        has_exporters = any(variable is INSTANCE for variable in self.variables)
        restarts = queries.EXPORTER_RESTARTED if has_exporters else queries.SERVER_RESTARTED
        return [
            _annotation("Alerts", queries.ALERTS, "red", "{{alertname}}", "{{severity}}"),
            _annotation("Restarts", restarts, "purple", "Restart of {{instance}}", "{{job}}"),
        ]

    def _laid_out_panels(self) -> Iterator[dashboard.Panel | dashboard.RowPanel]:
        number, top = 1, 0
        for section in self.sections:
            position = dashboard.GridPos(h=1, w=GRID_WIDTH, x=0, y=top)
            yield dashboard.RowPanel(id_val=number, title=section.title, collapsed=False, grid_pos=position, panels=[])
            number, top, left, bottom = number + 1, top + 1, 0, top + 1
            for builder in section.panels:
                panel = builder.build()
                position = panel.grid_pos or dashboard.GridPos()
                if left + position.w > GRID_WIDTH:
                    left, top = 0, bottom
                position.x, position.y = left, top
                panel.id_val, panel.grid_pos = number, position
                _show(panel.links)
                _require_minimum(panel)
                yield panel
                number, left, bottom = number + 1, left + position.w, max(bottom, top + position.h)
            top = bottom


def _show(controls: Sequence[dashboard.DashboardLink | dashboard.AnnotationQuery] | None) -> None:
    """Put links and switches into the open: by the library's default they are in a menu."""
    for control in controls or ():
        control.placement = None  # type: ignore[assignment] # it has a default, but may be missing


def _require_minimum(panel: dashboard.Panel) -> None:
    """Refuse a minimum interval that is not a number of one unit: `$__interval` would have the largest unit only."""
    if panel.interval and not re.fullmatch(r"[1-5]?[0-9][sm]|1?[0-9]h|2[0-3]h|[0-9]+d", panel.interval):
        raise ValueError(
            f"invalid minimum interval {panel.interval} of panel {panel.title!r}: Grafana rounds $__interval down to a"
            " single unit; use 30s, 2m or 1h"
        )


def _asks_for(variable: str, panels: Sequence[dashboard.Panel | dashboard.RowPanel]) -> bool:
    targets = [target for panel in panels if isinstance(panel, dashboard.Panel) for target in panel.targets or []]
    return any(f'"${variable}"' in target.expr for target in targets if isinstance(target, prometheus.Dataquery))


def _annotation(name: str, expression: str, color: str, title: str, text: str) -> AnnotationQuery:
    query = AnnotationQuery().name(name).datasource(DATA_SOURCE).expr(expression).icon_color(color).enable(True)
    return query.hide(False).title_format(title).text_format(text).tag_keys("instance,severity").step("60s")
