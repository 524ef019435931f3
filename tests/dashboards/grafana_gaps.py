"""The values of the hidden variables of boards, as Grafana gets and writes them."""

from __future__ import annotations

from tests.dashboards.committed import filled, gap_expressions, one_of
from tests.e2e.processes import query


def gaps(server: str, span: str, at: float) -> dict[str, str]:
    """The value of each hidden variable for a range of this length that ends at a time."""
    found = {name: query(server, filled(expr, span), at) for name, expr in gap_expressions().items()}
    return {name: one_of(dict(labels)["instance"] for labels in series) for name, series in found.items()}
