"""Panels with the defaults of all boards, and changes to single panels. A name keeps one color on every board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards import style as s
from dashboards.variables import DATA_SOURCE

PALETTE = FieldColorModeId.PALETTE_CLASSIC
# A larger minimum would hide the newest events of a short range: Grafana cuts the range to whole intervals.
MIN_INTERVAL = "1m"
MAX_POINTS, MAX_BARS, MAX_RATIOS = 100, 50, 25  # per series: of graphs, of counts, of shares of counts
MAX_OVERVIEW_POINTS = 50  # where a board shows all hosts of a fleet

Query = prometheus.Dataquery


class Overridable(Protocol):
    """A panel with field overrides."""

    def override_by_name(self, name: str, properties: list[DynamicConfigValue]) -> Self:
        """Override properties of one field."""


P = TypeVar("P", bound=Overridable)


def range_query(expression: str, legend: str) -> Query:
    """A query of values over time."""
    return Query().expr(expression).legend_format(legend).range()


def instant_query(expression: str, legend: str = "") -> Query:
    """A query of the values at the end of the selected range, to the second."""
    return Query().expr(expression).legend_format(legend).instant()


def table_query(expression: str) -> Query:
    """An instant query of table rows."""
    return instant_query(expression).format(PromQueryFormat.TABLE)


def exemplar_query(expression: str, legend: str) -> Query:
    """A range query with exemplars, which link to sessions."""
    return range_query(expression, legend).exemplar(True)


def stat_panel(title: str, description: str, *queries: Query) -> stat.Panel:
    """Large numbers."""
    panel = stat.Panel().title(title).description(description).datasource(DATA_SOURCE).targets(_with_ref_ids(queries))
    panel.span(4).height(4).unit(s.NUMBER).no_value(s.NO_DATA).thresholds(s.NEUTRAL)
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.color_mode(options.BigValueColorMode.VALUE).graph_mode(options.BigValueGraphMode.NONE)
    panel.text_mode(options.BigValueTextMode.AUTO)
    return panel.reduce_options(_last()).orientation(options.VizOrientation.AUTO).wide_layout(False)


def line_graph(title: str, description: str, *queries: Query) -> timeseries.Panel:
    """Lines over time."""
    panel = timeseries.Panel().title(title).description(description).datasource(DATA_SOURCE)
    panel.targets(_with_ref_ids(queries)).span(12).height(8).unit(s.SHORT).no_value(s.NO_DATA).min(0).interval(
        MIN_INTERVAL
    )
    panel.color_scheme(dashboard.FieldColor().mode(PALETTE)).thresholds(s.NEUTRAL_BARS)
    panel.line_width(2).fill_opacity(8).show_points(options.VisibilityMode.AUTO).span_nulls(False)
    panel.tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.DESCENDING))
    return panel.legend(_legend())


def sparse_graph(title: str, description: str, *queries: Query) -> timeseries.Panel:
    """Lines with points for series with gaps; gaps of up to an hour are connected."""
    panel = line_graph(title, description, *queries).max_data_points(MAX_POINTS).fill_opacity(0).span_nulls(3_600_000)
    return panel.show_points(options.VisibilityMode.ALWAYS).point_size(5).line_width(1)


def stacked_graph(title: str, description: str, *queries: Query) -> timeseries.Panel:
    """Stacked areas over time."""
    panel = line_graph(title, description, *queries).line_width(0).fill_opacity(70).max_data_points(MAX_POINTS)
    return panel.stacking(common.StackingConfig().mode(options.StackingMode.NORMAL).group("A"))


def listed(panel: stat.Panel) -> stat.Panel:
    """Show several numbers below each other, with their names, all in the same size."""
    panel.text(common.VizTextDisplayOptions().title_size(14).value_size(28))
    return panel.text_mode(options.BigValueTextMode.VALUE_AND_NAME).orientation(options.VizOrientation.HORIZONTAL)


def bar_graph(title: str, description: str, *queries: Query) -> timeseries.Panel:
    """Stacked bars over time for counts of rare events, each to the left of the time at which its interval ends."""
    panel = stacked_graph(title, description, *queries).draw_style(options.GraphDrawStyle.BARS)
    panel.bar_alignment(options.BarAlignment.BEFORE).bar_width_factor(0.9).max_data_points(MAX_BARS)
    return panel.fill_opacity(80).line_width(0).decimals(0)


def bar_gauge(title: str, description: str, query: Query) -> bargauge.Panel:
    """Horizontal bars, one per series."""
    panel = bargauge.Panel().title(title).description(description).datasource(DATA_SOURCE)
    panel.targets(_with_ref_ids([query])).span(8).height(8).unit(s.NUMBER).no_value(s.NO_DATA).min(0)
    panel.thresholds(s.NEUTRAL_BARS).color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.text(common.VizTextDisplayOptions().title_size(14).value_size(18)).min_viz_height(16).max_viz_height(40)
    panel.display_mode(options.BarGaugeDisplayMode.BASIC).show_unfilled(True).value_mode(options.BarGaugeValueMode.TEXT)
    panel.orientation(options.VizOrientation.HORIZONTAL).name_placement(options.BarGaugeNamePlacement.LEFT)
    return panel.sizing(options.BarGaugeSizing.MANUAL).reduce_options(_last()).legend(_legend(visible=False))


def percent_gauge(title: str, description: str, query: Query) -> bargauge.Panel:
    """Horizontal bars from 0 to 100%."""
    return bar_gauge(title, description, query).unit(s.RATIO).max(1).decimals(0)


def table_panel(title: str, description: str, query: Query, columns: Mapping[str, str]) -> table.Panel:
    """A table sorted by value; `columns` maps labels and `Value` to headings, in their order."""
    panel = table.Panel().title(title).description(description).datasource(DATA_SOURCE).targets(_with_ref_ids([query]))
    panel.span(12).height(8).unit(s.NUMBER).no_value(s.NO_DATA).thresholds(s.NEUTRAL_BARS)
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.cell_height(options.TableCellHeight.SM).cell_options(options.TableAutoCellOptions())
    organize = {
        "excludeByName": {"Time": True},
        "includeByName": {},
        "indexByName": {name: number for number, name in enumerate(columns)},
        "renameByName": dict(columns),
    }
    panel.with_transformation(DataTransformerConfig("organize", options=organize))
    return panel.sort_by([common.TableSortByFieldState().display_name(columns["Value"]).desc(True)]).show_header(True)


def heatmap_panel(title: str, description: str, query: Query) -> heatmap.Panel:
    """The distribution of durations over time."""
    panel = heatmap.Panel().title(title).description(description).datasource(DATA_SOURCE)
    panel.targets(_with_ref_ids([query.format(PromQueryFormat.HEATMAP)])).span(12).height(8)
    panel.interval(MIN_INTERVAL).max_data_points(MAX_POINTS)
    panel.unit(s.SHORT).no_value(s.NO_DATA).calculate(False).thresholds(s.NEUTRAL_BARS)
    panel.color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").exponent(0.5).steps(64))
    panel.y_axis(heatmap.YAxisConfig().unit(s.SECONDS)).cell_gap(1)
    panel.show_legend().show_value(options.VisibilityMode.NEVER)
    return panel.tooltip(heatmap.HeatmapTooltip().mode(options.TooltipDisplayMode.SINGLE).y_histogram(True))


def unstacked(panel: timeseries.Panel) -> timeseries.Panel:
    """Draw series in front of each other, where one is part of another."""
    return panel.stacking(common.StackingConfig().mode(options.StackingMode.NONE)).fill_opacity(50)


def with_colors(panel: P, colors: Mapping[str, str]) -> P:
    """Give each series name its color."""
    for name, color in colors.items():
        panel.override_by_name(name, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})])
    return panel


def with_colors_by_pattern(panel: timeseries.Panel, colors: Mapping[str, str]) -> timeseries.Panel:
    """Give all series names that match a regular expression its color."""
    for pattern, color in colors.items():
        panel.override_by_regexp(pattern, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})])
    return panel


def with_shades(panel: timeseries.Panel) -> timeseries.Panel:
    """Draw all series in shades of one color, where names have no colors of their own."""
    return panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.SHADES).fixed_color(s.PRIMARY))


def with_right_axis(panel: timeseries.Panel, name: str) -> timeseries.Panel:
    """Give one series an axis of its own on the right."""
    return panel.override_by_name(name, [DynamicConfigValue("custom.axisPlacement", "right")])


def with_display_names(panel: P, names: Mapping[str, str]) -> P:
    """Show readable names for label values."""
    for name, display_name in names.items():
        panel.override_by_name(name, [DynamicConfigValue("displayName", display_name)])
    return panel


def by_quantile(colors: Mapping[str, str]) -> dict[str, str]:
    """Colors for `NAME p50` and `NAME p95`: both have that of the name."""
    return {f"{name} {quantile}": color for name, color in colors.items() for quantile in ("p50", "p95")}


def with_dashes(panel: timeseries.Panel, ref_id: str) -> timeseries.Panel:
    """Draw the series of one query as dashed lines."""
    line_style = {"fill": "dash", "dash": [8, 8]}
    return panel.override_by_query(ref_id, [DynamicConfigValue("custom.lineStyle", line_style)])


def with_outline(panel: timeseries.Panel, name: str) -> timeseries.Panel:
    """Draw one series of a stack as a line without a filled area."""
    return panel.override_by_name(
        name, [DynamicConfigValue("custom.fillOpacity", 0), DynamicConfigValue("custom.lineWidth", 1)]
    )


def with_log_scale(panel: timeseries.Panel) -> timeseries.Panel:
    """Use a logarithmic axis, on which milliseconds and minutes are both readable."""
    scale = common.ScaleDistributionConfig().type(options.ScaleDistribution.LOG).log(10)
    return panel.scale_distribution(scale).fill_opacity(0)


def with_threshold_lines(panel: timeseries.Panel) -> timeseries.Panel:
    """Draw the thresholds as dashed lines."""
    return panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(options.GraphThresholdsStyleMode.DASHED))


def with_names_only(panel: stat.Panel) -> stat.Panel:
    """Show series names instead of values."""
    return panel.text_mode(options.BigValueTextMode.NAME)


def with_cell_link(panel: table.Panel, column: str, link: Mapping[str, object]) -> table.Panel:
    """Link the cells of a column."""
    return panel.override_by_name(column, [DynamicConfigValue("links", [dict(link)])])


def _with_ref_ids(queries: Sequence[Query]) -> list[Builder[Dataquery]]:
    return [query.ref_id(chr(ord("A") + number)).datasource(DATA_SOURCE) for number, query in enumerate(queries)]


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)


def _legend(*, visible: bool = True) -> common.VizLegendOptions:
    legend = common.VizLegendOptions().show_legend(visible).display_mode(options.LegendDisplayMode.LIST)
    return legend.placement(options.LegendPlacement.BOTTOM).calcs([])
