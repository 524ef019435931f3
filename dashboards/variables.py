"""The variables at the top of the boards. All of them take several values; All stands for whatever there is."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import VariableModel, VariableOption, VariableRefresh, VariableSort

from dashboards import queries

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")


def datasource() -> VariableModel:
    """Which Prometheus is asked."""
    return DatasourceVariable("datasource").label("Data source").type("prometheus").build()


def _choice(name: str, label: str, query: str) -> VariableModel:
    built = QueryVariable(name).label(label).datasource(SOURCE).definition(query)
    built.query({"qryType": 1, "query": query, "refId": f"variable-{name}"})
    built.multi(True).include_all(True).all_value(".*").current(VariableOption(False, ["All"], ["$__all"]))
    return built.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC).build()


INSTANCE = _choice("instance", "Exporter", queries.INSTANCES)
SERVER = _choice("server", "Server", queries.SERVERS)
PROJECT = _choice("project", "Project", queries.PROJECTS)
AGENT = _choice("agent", "Agent", queries.AGENTS)
MODEL = _choice("model", "Model", queries.MODELS)
TOOL = _choice("tool", "Tool", queries.TOOLS)
TASK_AGENT = _choice("agent", "Agent", queries.TASK_AGENTS)
WORKFLOW = _choice("workflow", "Workflow", queries.WORKFLOWS)
