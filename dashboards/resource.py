"""A board as a resource of the schema v2, for Git Sync: tabs, panels that hide without data, filters of any label."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboardv2 as v2
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboardv2 as models
from grafana_foundation_sdk.models import resource
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel, RowPanel

from dashboards import style as s
from dashboards.resource_parts import annotation, element, link, variables

# Panels with these texts are hidden where they have no data: not everybody has a server, a subscription or MCP servers.
OPTIONAL: set[str | None] = {s.NO_SERVER, s.NO_TASKS, s.NO_QUOTA, s.NO_QUOTA_USE, s.NO_MCP}
MAX_FIGURE_HEIGHT = 6  # of panels with single numbers and a few bars, in rows of the classic grid


def to_resource(board: Dashboard) -> resource.Manifest:
    """The resource, with a tab for each row of the board."""
    sections = _sections(board)
    tabs = v2.tabs().tabs([_tab(row.title or "", panels) for row, panels in sections])
    builder = v2.Dashboard(board.title or "").description(board.description or "").tags(board.tags or []).layout(tabs)
    builder.cursor_sync(models.DashboardCursorSync.CROSSHAIR).editable(True).time_settings(_time_settings(board))
    spec = builder.build()
    spec.elements = {_name(panel): element(panel) for _, panels in sections for panel in panels}
    spec.annotations = [annotation(one) for one in (board.annotations and board.annotations.list_val) or ()]
    spec.links = [link(one) for one in board.links or ()]
    spec.variables = variables((board.templating and board.templating.list_val) or ())
    return v2.manifest(board.uid or "", _Built(spec)).build()


class _Built(Builder[models.Dashboard]):
    """What is built already, where the library expects a builder."""

    def __init__(self, model: models.Dashboard) -> None:
        self._model = model

    def build(self) -> models.Dashboard:
        """Return it."""
        return self._model


def _sections(board: Dashboard) -> list[tuple[RowPanel, list[Panel]]]:
    found: list[tuple[RowPanel, list[Panel]]] = []
    for one in board.panels or ():
        if isinstance(one, RowPanel):
            found.append((one, []))
        else:
            found[-1][1].append(one)
    return found


def _is_optional(panel: Panel) -> bool:
    return panel.field_config is not None and panel.field_config.defaults.no_value in OPTIONAL


def _name(panel: Panel) -> str:
    return f"panel-{panel.id_val}"


def _tab(title: str, panels: Sequence[Panel]) -> v2.Tab:
    """The figures of a section in a row of small panels, and the rest in a row of large ones."""
    figures = [panel for panel in panels if _is_figure(panel)]
    graphs = [panel for panel in panels if panel not in figures]
    # A tab in which every panel could hide would be empty: its first panel stays, and says what is missing.
    hiding = [panel for panel in panels if _is_optional(panel)]
    hiding = hiding[1:] if len(hiding) == len(panels) else hiding
    small = v2.auto_grid().max_column_count(6).column_width_mode("narrow").row_height_mode("short")
    large = v2.auto_grid().max_column_count(2).column_width_mode("wide").row_height_mode("standard")
    rows = [_row(grid, those, hiding) for grid, those in ((small, figures), (large, graphs)) if those]
    return v2.tab(title).layout(v2.Rows().rows(rows))


def _is_figure(panel: Panel) -> bool:
    return panel.type_val == "stat" or (panel.grid_pos is not None and panel.grid_pos.h <= MAX_FIGURE_HEIGHT)


def _row(grid: v2.AutoGrid, panels: Sequence[Panel], hiding: Sequence[Panel]) -> Builder[models.RowsLayoutRowKind]:
    return v2.row("").hide_header(True).layout(grid.items([_item(panel, panel in hiding) for panel in panels]))


def _item(panel: Panel, hides: bool) -> Builder[models.AutoGridLayoutItemKind]:
    item = v2.auto_grid_item(_name(panel))
    if hides:
        with_data = v2.ConditionalRenderingGroup().visibility("show").condition("and")
        item.conditional_rendering(with_data.items([v2.ConditionalRenderingData().value(True)]))
    return item


def _time_settings(board: Dashboard) -> v2.TimeSettings:
    time, picker = board.time, board.timepicker
    settings = v2.TimeSettings().timezone(board.timezone or "").auto_refresh(board.refresh or "")
    settings.auto_refresh_intervals((picker and picker.refresh_intervals) or [])
    return settings.from_val(time.from_val).to(time.to) if time else settings
