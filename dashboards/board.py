"""A board as its sections of panels, laid out from left to right and from top to bottom, so that none overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, TimePicker
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard

from dashboards import queries
from dashboards.addresses import HERE, Addresses
from dashboards.links import Place, others
from dashboards.variables import INSTANCE, SOURCE, datasource

WIDTH = 24
REFRESHES = ["10s", "30s", "1m", "5m", "15m", "1h"]


@dataclass(frozen=True, slots=True)
class Section:
    """A row of a board: a heading, and panels below it."""

    title: str
    panels: Sequence[Builder[dashboard.Panel]]


@dataclass(frozen=True, slots=True)
class Board:
    """A board's table of contents."""

    place: Place
    since: str
    variables: Sequence[dashboard.VariableModel]
    sections: Sequence[Section]

    def model(self, where: Addresses = HERE) -> dashboard.Dashboard:
        """It as Grafana wants it."""
        made = Dashboard(f"hookmeter / {self.place.title}").uid(self.place.uid).description(self.place.question)
        made.tags(["hookmeter"]).editable().tooltip(dashboard.DashboardCursorSync.CROSSHAIR).timezone("browser")
        made.time(self.since, "now").refresh("30s").timepicker(TimePicker().refresh_intervals(REFRESHES))
        made.annotations(self._annotations()).links(others(self.place, where.server))  # type: ignore[arg-type]
        built = made.build()
        built.templating = dashboard.DashboardDashboardTemplating([datasource(), *self.variables])
        built.panels = list(self._placed())
        for link in built.links or []:
            link.placement = None  # type: ignore[assignment] # the library would hide it in a menu
        return built

    def _annotations(self) -> list[AnnotationQuery]:
        has_exporters = any(variable is INSTANCE for variable in self.variables)
        restarts = queries.RESTARTED if has_exporters else queries.SERVER_RESTARTED
        return [
            _annotation("Alerts", queries.ALERTS, "red", "{{alertname}}", "{{severity}}"),
            _annotation("Restarts", restarts, "purple", "Restart of {{instance}}", "{{job}}"),
        ]

    def _placed(self) -> Iterator[dashboard.Panel | dashboard.RowPanel]:
        number, top = 1, 0
        for section in self.sections:
            place = dashboard.GridPos(h=1, w=WIDTH, x=0, y=top)
            yield dashboard.RowPanel(id_val=number, title=section.title, collapsed=False, grid_pos=place, panels=[])
            number, top, left, lowest = number + 1, top + 1, 0, top + 1
            for builder in section.panels:
                panel = builder.build()
                place = panel.grid_pos or dashboard.GridPos()
                if left + place.w > WIDTH:
                    left, top = 0, lowest
                place.x, place.y = left, top
                panel.id_val, panel.grid_pos = number, place
                yield panel
                number, left, lowest = number + 1, left + place.w, max(lowest, top + place.h)
            top = lowest


def _annotation(name: str, expression: str, colour: str, title: str, text: str) -> AnnotationQuery:
    made = AnnotationQuery().name(name).datasource(SOURCE).expr(expression).icon_color(colour).enable(True)
    return made.hide(False).title_format(title).text_format(text).tag_keys("instance,severity").step("60s")
