#!/usr/bin/env bash
# package    github.com/prometheus/prometheus v0.316.0 (Go module, Prometheus 3.16.0)
# behaviour  Claude Code exports deltas unless it is configured otherwise, and a collector sends them on together with metrics
#            of other programs. Prometheus' documentation says that deltas are dropped without a feature flag. They are not
#            dropped: the request is answered with 500, and nothing of it is stored.
# expected   The cumulative counter of the request is stored, and the answer is 200 with one rejected data point, as the
#            specification of OTLP has it for partial success.
# seen       500, and no series. Of the same counter in a request of its own, there is one: a single delta costs a batch its
#            other metrics.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server"; } 2>/dev/null || :; chmod -R u+w "$place"; rm -rf "$place"' EXIT
CGO_ENABLED=0 GOFLAGS="-modcacherw ${GOFLAGS:-}" GOBIN="$place/bin" GOMODCACHE="$place/modules" \
  go install -trimpath -tags remove_all_sd github.com/prometheus/prometheus/cmd/prometheus@v0.316.0 >&2

echo '{}' >"$place/prometheus.yml"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
address=http://127.0.0.1:$port
"$place/bin/prometheus" --config.file="$place/prometheus.yml" --storage.tsdb.path="$place/data" \
  --web.listen-address="127.0.0.1:$port" --web.enable-otlp-receiver 2>"$place/log" &
server=$!
until curl --silent --fail --output /dev/null "$address/-/ready"; do kill -0 "$server"; done

now=$(date +%s%N)
counter() { # name, aggregation temporality: 1 is delta, 2 is cumulative
  local point='{"asDouble":5,"startTimeUnixNano":"'$((now - 60000000000))'","timeUnixNano":"'$now'"}'
  echo '{"name":"'"$1"'","sum":{"isMonotonic":true,"aggregationTemporality":'"$2"',"dataPoints":['"$point"']}}'
}
export_metrics() { # metrics, of the program "shop": the status of the answer
  local program='{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}'
  curl --silent --output "$place/answer" --write-out '%{http_code}' --header 'content-type: application/json' \
    --data '{"resourceMetrics":[{"resource":'"$program"',"scopeMetrics":[{"metrics":['"$1"']}]}]}' "$address/api/v1/otlp/v1/metrics"
}
series() {
  curl --silent --fail --get --data-urlencode 'query={job="shop"}' "$address/api/v1/query" |
    python3 -c 'import json, sys; print(len(json.load(sys.stdin)["data"]["result"]))'
}
seen=$(export_metrics "$(counter orders 2),$(counter visits 1)"; echo ", $(series) series")
alone=$(export_metrics "$(counter orders 2)"; echo ", $(series) series")
echo "A cumulative counter together with a delta: $seen. The same counter alone: $alone."
[[ $seen == "500, 0 series" && $alone == "200, 1 series" ]]
