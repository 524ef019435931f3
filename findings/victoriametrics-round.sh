#!/usr/bin/env bash
# package    github.com/VictoriaMetrics/VictoriaMetrics v1.151.0 (Go module)
# behaviour  round(v, to) gives the multiple of `to` that is nearest to v. VictoriaMetrics multiplies it by a power of ten and
#            drops the fraction, to have no more decimals than `to`. A product such as 0.29 * 100 = 28.999… loses its last cent.
# expected   round(0.29, 0.01) is 0.29, as Prometheus answers.
# seen       0.28. Of the amounts from 0.00 to 0.99, two are a cent lower after they were rounded to a cent.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server"; } 2>/dev/null || :; chmod -R u+w "$place"; rm -rf "$place"' EXIT
CGO_ENABLED=0 GOFLAGS=-modcacherw GOBIN="$place/bin" GOMODCACHE="$place/modules" \
  go install -trimpath github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0 >&2

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$place/bin/victoria-metrics" -httpListenAddr="127.0.0.1:$port" -storageDataPath="$place/data" 2>"$place/log" &
server=$!
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health"; do kill -0 "$server"; done

ask() {
  curl --silent --fail --get --data-urlencode "query=$1" "http://127.0.0.1:$port/api/v1/query" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["result"][0]["value"][1])'
}
wrong=0
for cents in {0..99}; do
  dollars=$(printf '0.%02d' "$cents")
  [[ $(ask "round($dollars, 0.01) < bool $dollars - 0.001") == 0 ]] || wrong=$((wrong + 1))
done
seen=$(ask 'round(0.29, 0.01)')
echo "round(0.29, 0.01) is $seen; of 100 amounts in cents, $wrong are lower after they were rounded to a cent."
[[ $seen == 0.28 ]] && ((wrong > 0))
