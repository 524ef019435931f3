#!/usr/bin/env bash
# package    grafana-foundation-sdk 0.0.21 (PyPI), which builds Grafana dashboards in Python
# behaviour  A link or an annotation query that is built without a placement gets "placement": "inControlsMenu" in classic
#            JSON, and a Grafana that knows this field shows it only in a menu. `placement` is optional in Grafana's schema
#            and "inControlsMenu" its only value; the builders of the schema v2 leave it out.
# expected   No placement, so that the link and the switch of the annotation are at the top of the dashboard.
# seen       "inControlsMenu" for both. Boards have to remove it after they are built.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check grafana-foundation-sdk==0.0.21 >&2

seen=$("$place/venv/bin/python" - <<'END'
import json

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, DashboardLink
from grafana_foundation_sdk.cog.encoder import JSONEncoder

link, annotation = DashboardLink("Details").url("/d/details"), AnnotationQuery().name("Alerts").expr("ALERTS")
board = Dashboard("Board").links([link]).annotations([annotation]).build()
model = json.loads(json.dumps(board, cls=JSONEncoder))
print(*(one.get("placement", "none") for one in (*model["links"], *model["annotations"]["list"])))
END
)
echo "Built without a placement, a link and an annotation have: $seen."
[[ $seen == "inControlsMenu inControlsMenu" ]]
