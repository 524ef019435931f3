#!/usr/bin/env bash
# package    github.com/VictoriaMetrics/VictoriaMetrics v1.151.0 (Go module)
# behaviour  A counter's first sample in the database may be its birth or the first scrape of a process with a long history.
#            `increase` of VictoriaMetrics guesses from the numbers: it counts the first value in full where it is less than
#            ten times the next change, plus ten.
# expected   Two counters that both rise by 1 after their first sample have the same increase: 1, as Prometheus has it before
#            it extrapolates, or with their first values, 10 and 21.
# seen       10 for the counter that begins with 9, and 1 for the one that begins with 20: totals over series depend on
#            how large their first values happen to be.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server"; } 2>/dev/null || :; chmod -R u+w "$place"; rm -rf "$place"' EXIT
CGO_ENABLED=0 GOFLAGS=-modcacherw GOBIN="$place/bin" GOMODCACHE="$place/modules" \
  go install -trimpath github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0 >&2

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
address=http://127.0.0.1:$port
"$place/bin/victoria-metrics" -httpListenAddr="127.0.0.1:$port" -storageDataPath="$place/data" 2>"$place/log" &
server=$!
until curl --silent --fail --output /dev/null "$address/health"; do kill -0 "$server"; done

now=$(date +%s)
for number in {0..20}; do # five minutes, scraped every 15 seconds; both rise by 1 after two and a half minutes
  for first in 9 20; do
    echo "requests_total{first=\"$first\"} $((first + number / 10 - number / 20)) $(((now - 300 + 15 * number) * 1000))"
  done
done | curl --silent --fail --data-binary @- "$address/api/v1/import/prometheus"
curl --silent --fail "$address/internal/force_flush"

increase() {
  curl --silent --fail --get --data-urlencode "query=increase(requests_total{first=\"$1\"}[10m])" "$address/api/v1/query" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["result"][0]["value"][1])'
}
seen="$(increase 9) and $(increase 20)"
echo "9 that becomes 10, and 20 that becomes 21, increase by $seen."
[[ $seen == "10 and 1" ]]
