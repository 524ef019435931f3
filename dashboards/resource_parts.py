"""Panels, annotations, links and variables of a classic board as parts of a resource of the schema v2."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models import dashboardv2 as v2

Json = dict[str, Any]
DATA_SOURCE, KIND = "${datasource}", "prometheus"
HIDES = dict(enumerate(v2.VariableHide))  # the classic numbers are the places in this list
# Of a query in a panel, what the schema v2 has elsewhere.
ELSEWHERE = {"refId", "datasource", "hide"}


def plain(model: object) -> Json:
    """A model as JSON."""
    found: Json = json.loads(json.dumps(model, cls=JSONEncoder))
    return found


def element(panel: dashboard.Panel) -> v2.PanelKind:
    """A panel without its position."""
    classic = plain(panel)
    spec = v2.PanelSpec(classic["id"], classic["title"], classic["description"])
    spec.links = [v2.DataLink(one["title"], one["url"], one["targetBlank"]) for one in classic.get("links", ())]
    queries = [_panel_query(target) for target in classic["targets"]]
    transformations = [
        v2.TransformationKind(one["id"], v2.TransformationSpec(options=one["options"]))
        for one in classic.get("transformations", ())
    ]
    options = v2.QueryOptionsSpec(max_data_points=classic.get("maxDataPoints"), interval=classic.get("interval"))
    spec.data = v2.QueryGroupKind(v2.QueryGroupSpec(queries, transformations, options))
    shown = v2.VizConfigSpec(classic["options"], v2.FieldConfigSource.from_json(classic["fieldConfig"]))
    spec.viz_config = v2.VizConfigKind(classic["type"], "", shown)
    return v2.PanelKind(spec)


def annotation(query: dashboard.AnnotationQuery) -> v2.AnnotationQueryKind:
    """The events that a query finds, and their texts."""
    classic = plain(query)
    spec = v2.AnnotationQuerySpec(
        _query({"expr": classic["expr"], "interval": classic["step"], "refId": "Anno"}),
        enable=classic["enable"],
        hide=classic["hide"],
        icon_color=classic["iconColor"],
        name=classic["name"],
        legacy_options={name: classic[name] for name in ("tagKeys", "titleFormat", "textFormat")},
    )
    return v2.AnnotationQueryKind(spec)


def link(classic: dashboard.DashboardLink) -> v2.DashboardLink:
    """A link at the top of the board."""
    found = v2.DashboardLink.from_json(plain(classic))
    found.placement = None
    return found


def variables(classic: Iterable[dashboard.VariableModel]) -> list[v2.VariableKind]:
    """The data source, the variables of the board, and filters of any label, by which figures can also be grouped."""
    source, *others = map(plain, classic)
    spec = v2.DatasourceVariableSpec(source["name"], KIND, label=source["label"])
    filters = v2.AdhocVariableSpec("filters", label="Filters", enable_group_by=True)
    adhoc = v2.AdhocVariableKind(KIND, None, v2.Dashboardv2AdhocVariableKindDatasource(DATA_SOURCE), filters)
    return [v2.DatasourceVariableKind(spec), *map(_query_variable, others), adhoc]


def _query_variable(classic: Json) -> v2.QueryVariableKind:
    spec = v2.QueryVariableSpec(
        classic["name"],
        v2.VariableOption(text=classic["current"]["text"], value=classic["current"]["value"]),
        classic.get("label"),
        HIDES[classic.get("hide", 0)],
        refresh=v2.VariableRefresh.ON_TIME_RANGE_CHANGED,
        query=_query(classic["query"]),
        sort=v2.VariableSort.ALPHABETICAL_ASC,
        definition=classic["definition"],
        multi=classic["multi"],
        include_all=classic["includeAll"],
        all_value=classic.get("allValue"),
        regex=classic.get("regex", ""),
        skip_url_sync=classic.get("skipUrlSync", False),
    )
    return v2.QueryVariableKind(spec)


def _panel_query(target: Json) -> v2.PanelQueryKind:
    asked = {name: value for name, value in target.items() if name not in ELSEWHERE}
    return v2.PanelQueryKind(v2.PanelQuerySpec(_query(asked), target["refId"]))


def _query(spec: Mapping[str, Any]) -> v2.DataQueryKind:
    return v2.DataQueryKind(KIND, datasource=v2.Dashboardv2DataQueryKindDatasource(DATA_SOURCE), spec=dict(spec))
