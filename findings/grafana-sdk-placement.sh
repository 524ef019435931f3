#!/usr/bin/env bash
# package    grafana-foundation-sdk 0.0.21 (PyPI), which builds dashboards of Grafana
# behaviour  Links and annotations get the property `placement` with the only value that its schema has, "inControlsMenu",
#            though nobody chose it: they go into a menu of controls instead of above the dashboard.
# expected   A link built with a title and an address has no property that was not set, and is shown as before.
# seen       "placement": "inControlsMenu" on a link and on an annotation.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check grafana-foundation-sdk==0.0.21 >&2

seen=$("$place/venv/bin/python" - <<'PYTHON'
import json

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, DashboardLink
from grafana_foundation_sdk.cog.encoder import JSONEncoder

board = Dashboard("Shop").link(DashboardLink("Orders").url("/d/orders")).annotation(AnnotationQuery().name("Releases"))
built = json.loads(JSONEncoder().encode(board.build()))
print(built["links"][0].get("placement"), built["annotations"]["list"][0].get("placement"))
PYTHON
)
echo "The link and the annotation have the placement: $seen"
[[ $seen == "inControlsMenu inControlsMenu" ]]
