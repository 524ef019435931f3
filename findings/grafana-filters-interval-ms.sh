#!/usr/bin/env bash
# package    @grafana/prometheus 13.2.3 (npm), Grafana's data source for Prometheus
# behaviour  Ad hoc filters of a dashboard add their labels to every vector selector of a query. The browser does that before
#            the server fills in `$__interval_ms`, and its parser takes this variable for the name of a metric.
# expected   An amount per second, 1000 * increase(…) / $__interval_ms, is filtered like any other: the variable, which is a
#            number of milliseconds, stays as it is.
# seen       … / $__interval_ms{shop="north"}, which becomes 60000{shop="north"}, a syntax error. A panel with this
#            variable shows nothing as soon as a filter is set.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
npm install --prefix "$place" --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error \
  @grafana/{prometheus,data,i18n,runtime,schema,ui}@13.2.3 @grafana/scenes@9.2.2 @happy-dom/global-registrator@20.14.6 \
  react@18.3.1 react-dom@18.3.1 react-router-dom@6.30.6 rxjs@7.8.2 >&2

cat >"$place/filter.cjs" <<'NODE'
process.env.NODE_ENV = "production";
require("@happy-dom/global-registrator").GlobalRegistrator.register({ url: "http://127.0.0.1:3000" });
window.grafanaBootData = { settings: { featureToggles: {} }, user: {}, navTree: [] };
require.extensions[".css"] = () => {};
const { addLabelToQuery } = require("./node_modules/@grafana/prometheus/dist/cjs/add_label_to_query.cjs");
console.log(addLabelToQuery("1000 * increase(orders_total[$__interval]) / $__interval_ms", "shop", "north"));
process.exit(0);
NODE
seen=$(node "$place/filter.cjs")
echo "The filtered query: $seen"
[[ $seen == *'/ $__interval_ms{shop="north"}' ]]
