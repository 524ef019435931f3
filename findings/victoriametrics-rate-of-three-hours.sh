#!/usr/bin/env bash
# package    github.com/VictoriaMetrics/VictoriaMetrics v1.151.0 (Go module)
# behaviour  rate() of VictoriaMetrics divides by the time between the first and the last sample in the window: a counter that
#            is younger than the window has its own pace. Instant queries with windows of 3 hours and more take a shortcut,
#            increase() divided by the whole window, of which the documentation says that what it caches may be inaccurate "in
#            edge cases"; nothing is cached here. Alerts and totals are instant queries.
# expected   A counter that has risen by 1 a second for an hour has the same rate in a window of 3 hours as in one of 2 hours
#            and 59 minutes: 1.
# seen       1.0 in 2 hours and 59 minutes, 0.3 in 3 hours: a third, from one minute of the window to the next.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server"; } 2>/dev/null || :; chmod -R u+w "$place"; rm -rf "$place"' EXIT
CGO_ENABLED=0 GOFLAGS="-modcacherw ${GOFLAGS:-}" GOBIN="$place/bin" GOMODCACHE="$place/modules" \
  go install -trimpath github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0 >&2

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
address=http://127.0.0.1:$port
"$place/bin/victoria-metrics" -httpListenAddr="127.0.0.1:$port" -storageDataPath="$place/data" 2>"$place/log" &
server=$!
until curl --silent --fail --output /dev/null "$address/health"; do kill -0 "$server"; done

now=$(date +%s)
for second in {0..3600..15}; do # an hour, scraped every 15 seconds
  echo "requests_total $second $(((now - 3600 + second) * 1000))"
done | curl --silent --fail --data-binary @- "$address/api/v1/import/prometheus"
curl --silent --fail "$address/internal/force_flush"

rate() { # window
  curl --silent --fail --get --data-urlencode "query=rate(requests_total[$1])" --data "time=$now" "$address/api/v1/query" |
    python3 -c 'import json, sys; print("%.1f" % float(json.load(sys.stdin)["data"]["result"][0]["value"][1]))'
}
seen="$(rate 2h59m), $(rate 3h)"
echo "A counter that has risen by 1 a second for an hour has, in windows of 2h59m and 3h, the rates $seen."
[[ $seen == "1.0, 0.3" ]]
