"""How panels look unless a board says otherwise. What has names keeps one colour a name, on every board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards import meanings as m
from dashboards.variables import SOURCE

PALETTE = FieldColorModeId.PALETTE_CLASSIC

Query = prometheus.Dataquery


class Overridable(Protocol):
    """A panel whose single fields may look another way."""

    def override_by_name(self, name: str, properties: list[DynamicConfigValue]) -> Self:
        """Say how one field looks."""


P = TypeVar("P", bound=Overridable)


def over_time(expression: str, legend: str) -> Query:
    """A query of how something went."""
    return Query().expr(expression).legend_format(legend).range()


def at_the_end(expression: str, legend: str = "") -> Query:
    """A query of how something stands at the end of the time that is shown, or of what it came to in all of it."""
    return Query().expr(expression).legend_format(legend).instant()


def rows(expression: str) -> Query:
    """A query of a table's rows."""
    return at_the_end(expression).format(PromQueryFormat.TABLE)


def with_exemplars(expression: str, legend: str) -> Query:
    """A query of how something went, with points that lead to sessions."""
    return over_time(expression, legend).exemplar(True)


def big(title: str, description: str, *queries: Query) -> stat.Panel:
    """Numbers that are read from across the room."""
    panel = stat.Panel().title(title).description(description).datasource(SOURCE).targets(_lettered(queries))
    panel.span(4).height(4).unit(m.NUMBER).no_value(m.NOTHING).thresholds(m.NEUTRAL)
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.color_mode(looks.BigValueColorMode.VALUE).graph_mode(looks.BigValueGraphMode.NONE)
    panel.text_mode(looks.BigValueTextMode.AUTO)
    return panel.reduce_options(_last()).orientation(looks.VizOrientation.AUTO).wide_layout(False)


def lines(title: str, description: str, *queries: Query) -> timeseries.Panel:
    """Lines over time."""
    panel = timeseries.Panel().title(title).description(description).datasource(SOURCE).targets(_lettered(queries))
    panel.span(12).height(8).unit(m.COUNT).no_value(m.NOTHING).min(0).interval("1m")
    panel.color_scheme(dashboard.FieldColor().mode(PALETTE)).thresholds(m.NEUTRAL_BARS)
    panel.line_width(2).fill_opacity(8).show_points(looks.VisibilityMode.AUTO).span_nulls(False)
    panel.tooltip(common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI).sort(looks.SortOrder.DESCENDING))
    return panel.legend(_legend())


def sparse(title: str, description: str, *queries: Query) -> timeseries.Panel:
    """Lines of what only is while something happens: each point shows, and lines lead across an hour at the most."""
    panel = lines(title, description, *queries).interval("15m").fill_opacity(0).span_nulls(3_600_000)
    return panel.show_points(looks.VisibilityMode.ALWAYS).point_size(5).line_width(1)


def areas(title: str, description: str, *queries: Query) -> timeseries.Panel:
    """Parts of a whole over time, one upon the other."""
    panel = lines(title, description, *queries).line_width(0).fill_opacity(70)
    return panel.stacking(common.StackingConfig().mode(looks.StackingMode.NORMAL).group("A"))


def bars(title: str, description: str, *queries: Query) -> timeseries.Panel:
    """The same for what is rare, as bars, each of which says how often it happened since the one before."""
    panel = areas(title, description, *queries).draw_style(looks.GraphDrawStyle.BARS).fill_opacity(80).line_width(0)
    return panel.interval("15m").bar_width_factor(0.9).decimals(0)


def side_by_side(panel: timeseries.Panel) -> timeseries.Panel:
    """The panel with what is part of each other before one another, and not one upon the other."""
    return panel.stacking(common.StackingConfig().mode(looks.StackingMode.NONE)).fill_opacity(50)


def ranking(title: str, description: str, query: Query) -> bargauge.Panel:
    """Names by size."""
    panel = bargauge.Panel().title(title).description(description).datasource(SOURCE).targets(_lettered([query]))
    panel.span(8).height(8).unit(m.NUMBER).no_value(m.NOTHING).min(0).thresholds(m.NEUTRAL_BARS)
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.text(common.VizTextDisplayOptions().title_size(14).value_size(18)).min_viz_height(16).max_viz_height(40)
    panel.display_mode(looks.BarGaugeDisplayMode.BASIC).show_unfilled(True).value_mode(looks.BarGaugeValueMode.TEXT)
    panel.orientation(looks.VizOrientation.HORIZONTAL).name_placement(looks.BarGaugeNamePlacement.LEFT)
    return panel.sizing(looks.BarGaugeSizing.MANUAL).reduce_options(_last()).legend(_legend(visible=False))


def filled(title: str, description: str, query: Query) -> bargauge.Panel:
    """Names by how much of 100 % they have, in the colours of thresholds."""
    return ranking(title, description, query).unit(m.SHARE).max(1).decimals(0)


def listing(title: str, description: str, query: Query, columns: Mapping[str, str]) -> table.Panel:
    """A table: the labels that are named, under the headings that they are given, and the value; largest first."""
    panel = table.Panel().title(title).description(description).datasource(SOURCE).targets(_lettered([query]))
    panel.span(12).height(8).unit(m.NUMBER).no_value(m.NOTHING).thresholds(m.NEUTRAL_BARS)
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS)).cell_height(looks.TableCellHeight.SM)
    panel.cell_options(looks.TableAutoCellOptions())
    chosen = {
        "excludeByName": {"Time": True},
        "includeByName": {},
        "indexByName": {name: number for number, name in enumerate(columns)},
        "renameByName": dict(columns),
    }
    panel.with_transformation(DataTransformerConfig("organize", options=chosen))
    return panel.sort_by([common.TableSortByFieldState().display_name(columns["Value"]).desc(True)]).show_header(True)


def heat(title: str, description: str, query: Query) -> heatmap.Panel:
    """How values of all sizes are spread, over time."""
    panel = heatmap.Panel().title(title).description(description).datasource(SOURCE)
    panel.targets(_lettered([query.format(PromQueryFormat.HEATMAP)])).span(12).height(8).interval("5m")
    panel.unit(m.COUNT).no_value(m.NOTHING).calculate(False).thresholds(m.NEUTRAL_BARS)
    panel.color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").exponent(0.5).steps(64))
    panel.y_axis(heatmap.YAxisConfig().unit(m.SECONDS)).cell_gap(1).show_legend().show_value(looks.VisibilityMode.NEVER)
    return panel.tooltip(heatmap.HeatmapTooltip().mode(looks.TooltipDisplayMode.SINGLE).y_histogram(True))


def coloured(panel: P, colours: Mapping[str, str]) -> P:
    """The panel with a colour for each of these names."""
    for name, colour in colours.items():
        panel.override_by_name(name, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    return panel


def shaded(panel: timeseries.Panel) -> timeseries.Panel:
    """The panel in shades of one colour, where names have no meaning that a colour could have."""
    return panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.SHADES).fixed_color(m.PLAIN))


def coloured_like(panel: timeseries.Panel, colours: Mapping[str, str]) -> timeseries.Panel:
    """The panel with a colour for all names that are like one of these regular expressions."""
    for pattern, colour in colours.items():
        panel.override_by_regexp(pattern, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})])
    return panel


def on_the_right(panel: timeseries.Panel, name: str) -> timeseries.Panel:
    """The panel with a scale of its own for a name."""
    return panel.override_by_name(name, [DynamicConfigValue("custom.axisPlacement", "right")])


def called(panel: P, names: Mapping[str, str]) -> P:
    """The panel with what metrics call `five_hour` called by its name among people."""
    for name, shown in names.items():
        panel.override_by_name(name, [DynamicConfigValue("displayName", shown)])
    return panel


def by_rank(colours: Mapping[str, str]) -> dict[str, str]:
    """The same colour for the median and for the 95th percentile of each name."""
    return {f"{name}, {rank}": colour for name, colour in colours.items() for rank in ("median", "95 %")}


def dashed(panel: timeseries.Panel, query: str) -> timeseries.Panel:
    """The panel with dashes for the lines of one query."""
    style = {"fill": "dash", "dash": [8, 8]}
    return panel.override_by_query(query, [DynamicConfigValue("custom.lineStyle", style)])


def outlined(panel: timeseries.Panel, name: str) -> timeseries.Panel:
    """The panel with no more than a line for what makes the rest up to all that there is."""
    return panel.override_by_name(
        name, [DynamicConfigValue("custom.fillOpacity", 0), DynamicConfigValue("custom.lineWidth", 1)]
    )


def logarithmic(panel: timeseries.Panel) -> timeseries.Panel:
    """The panel with a scale on which milliseconds and minutes both show."""
    scale = common.ScaleDistributionConfig().type(looks.ScaleDistribution.LOG).log(10)
    return panel.scale_distribution(scale).fill_opacity(0)


def sparkling(panel: stat.Panel) -> stat.Panel:
    """The panel with how the number went behind it."""
    return panel.graph_mode(looks.BigValueGraphMode.AREA).max_data_points(100)


def named(panel: stat.Panel) -> stat.Panel:
    """The panel with the names of the series instead of their values."""
    return panel.text_mode(looks.BigValueTextMode.NAME)


def leading(panel: table.Panel, column: str, link: Mapping[str, object]) -> table.Panel:
    """The table with cells of a column that lead somewhere."""
    return panel.override_by_name(column, [DynamicConfigValue("links", [dict(link)])])


def drawn_at_thresholds(panel: timeseries.Panel) -> timeseries.Panel:
    """The panel with its thresholds as dashed lines."""
    return panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(looks.GraphThresholdsStyleMode.DASHED))


def _lettered(queries: Sequence[Query]) -> list[Builder[Dataquery]]:
    return [query.ref_id(chr(ord("A") + number)).datasource(SOURCE) for number, query in enumerate(queries)]


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)


def _legend(*, visible: bool = True) -> common.VizLegendOptions:
    legend = common.VizLegendOptions().show_legend(visible).display_mode(looks.LegendDisplayMode.LIST)
    return legend.placement(looks.LegendPlacement.BOTTOM).calcs([])
