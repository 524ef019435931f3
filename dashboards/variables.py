"""The variables at the top of the boards. Each takes several values; All means every value there is."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import VariableModel, VariableOption, VariableRefresh, VariableSort

from dashboards import queries

DATA_SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")


def datasource() -> VariableModel:
    """The choice of a Prometheus data source."""
    return DatasourceVariable("datasource").label("Data source").type("prometheus").build()


def _multi_value(name: str, label: str, query: str) -> VariableModel:
    variable = QueryVariable(name).label(label).datasource(DATA_SOURCE).definition(query)
    variable.query({"qryType": 1, "query": query, "refId": f"variable-{name}"})
    variable.multi(True).include_all(True).all_value(".*").current(VariableOption(False, ["All"], ["$__all"]))
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC).build()


INSTANCE = _multi_value("instance", "Exporter", queries.INSTANCES)
SERVER = _multi_value("server", "Chat server", queries.SERVERS)
PROJECT = _multi_value("project", "Project", queries.PROJECTS)
AGENT = _multi_value("agent", "Agent", queries.AGENTS)
MODEL = _multi_value("model", "Model", queries.MODELS)
TOOL = _multi_value("tool", "Tool", queries.TOOLS)
# Not `agent`: links between boards keep variables, and agents of tasks have other names than agents of calls.
TASK_AGENT = _multi_value("task_agent", "Agent", queries.TASK_AGENTS)
WORKFLOW = _multi_value("workflow", "Workflow", queries.WORKFLOWS)
