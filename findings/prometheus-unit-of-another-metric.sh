#!/usr/bin/env bash
# package    github.com/prometheus/prometheus v0.316.0 (Go module, Prometheus 3.16.0), --enable-feature=type-and-unit-labels
# behaviour  The labels __type__ and __unit__ have the type and unit of a metric's family on the scraped page. On a page in
#            OpenMetrics, a family that has no UNIT line gets the unit of the last family before it that has one. The API for
#            metadata has it right.
# expected   spent_usd_total is in usd, and sessions_total, a family of its own, has no __unit__.
# seen       sessions_total is in usd, too: a number of sessions is taken for an amount of money, and its series changes when
#            a page gets another order. Behind an empty UNIT line, it has no unit.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
shop= prometheus=
finish() {
  for one in $shop $prometheus; do kill "$one" && wait "$one" || :; done 2>/dev/null
  chmod -R u+w "$place"
  rm -rf "$place"
}
trap finish EXIT
CGO_ENABLED=0 GOFLAGS="-modcacherw ${GOFLAGS:-}" GOBIN="$place/bin" GOMODCACHE="$place/modules" \
  go install -trimpath -tags remove_all_sd github.com/prometheus/prometheus/cmd/prometheus@v0.316.0 >&2

cat >"$place/shop.py" <<'PY'
from http.server import BaseHTTPRequestHandler, HTTPServer

PAGE = b"""# TYPE spent_usd counter
# UNIT spent_usd usd
spent_usd_total 12.5
# TYPE sessions counter
sessions_total 3
# TYPE agents counter
# UNIT agents 
agents_total 4
# EOF
"""


class Metrics(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Metrics)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$place/shop.py" >"$place/shop.port" &
shop=$!
until [[ -s $place/shop.port ]]; do kill -0 "$shop"; done
cat >"$place/prometheus.yml" <<YAML
global: {scrape_interval: 1s}
scrape_configs: [{job_name: shop, static_configs: [{targets: ["127.0.0.1:$(<"$place/shop.port")"]}]}]
YAML
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
address=http://127.0.0.1:$port
"$place/bin/prometheus" --config.file="$place/prometheus.yml" --storage.tsdb.path="$place/data" \
  --web.listen-address="127.0.0.1:$port" --enable-feature=type-and-unit-labels 2>"$place/log" &
prometheus=$!
unit() { # name
  curl --silent --fail --get --data-urlencode "query=$1" "$address/api/v1/query" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["result"][0]["metric"].get("__unit__", "none"))' 2>/dev/null
}
until curl --silent --fail --output /dev/null "$address/-/ready" && unit agents_total >"$place/agents"; do
  kill -0 "$prometheus"
done
seen="$(unit spent_usd_total), $(unit sessions_total), $(<"$place/agents")"
metadata=$(curl --silent --fail "$address/api/v1/metadata?metric=sessions" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["sessions"][0]["unit"] or "none")')
echo "The units of spent_usd_total, sessions_total and agents_total are $seen; the API says of sessions: $metadata."
[[ $seen == "usd, usd, none" && $metadata == none ]]
