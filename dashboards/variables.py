"""The variables at the top of the boards. Each takes several values; All means every value there is."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards import queries
from dashboards.gaps import INSTANCE_OF_RESULT, gap_queries

LABEL_VALUES, QUERY_RESULT = 1, 3  # kinds of queries of variables, as the data source numbers them
DATA_SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")


def datasource() -> VariableModel:
    """The choice of a Prometheus data source."""
    return DatasourceVariable("datasource").label("Data source").type("prometheus").build()


def _multi_value(name: str, label: str, query: str) -> VariableModel:
    return _all_selected(name, query, LABEL_VALUES).label(label).all_value(".*").build()


def _hidden(name: str, query: str) -> VariableModel:
    """Every target that a query returns, as a regular expression; `()`, which matches no target, where it has none."""
    variable = _all_selected(name, query, QUERY_RESULT).regex(INSTANCE_OF_RESULT)
    model = variable.hide(VariableHide.HIDE_VARIABLE).build()
    model.skip_url_sync = True
    return model


def _all_selected(name: str, query: str, kind: int) -> QueryVariable:
    variable = QueryVariable(name).datasource(DATA_SOURCE).definition(query)
    variable.query({"qryType": kind, "query": query, "refId": f"variable-{name}"})
    variable.multi(True).include_all(True).current(VariableOption(False, ["All"], ["$__all"]))
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)


INSTANCE = _multi_value("instance", "Exporter", queries.INSTANCES)
SERVER = _multi_value("server", "Chat server", queries.SERVERS)
PROJECT = _multi_value("project", "Project", queries.PROJECTS)
AGENT = _multi_value("agent", "Agent", queries.AGENTS)
MODEL = _multi_value("model", "Model", queries.MODELS)
TOOL = _multi_value("tool", "Tool", queries.TOOLS)
# Not `agent`: links between boards keep variables, and agents of tasks have other names than agents of calls.
TASK_AGENT = _multi_value("task_agent", "Agent", queries.TASK_AGENTS)
WORKFLOW = _multi_value("workflow", "Workflow", queries.WORKFLOWS)
GAPS = {name: _hidden(name, query) for name, query in gap_queries().items()}
