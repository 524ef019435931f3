#!/usr/bin/env bash
# package    github.com/VictoriaMetrics/VictoriaMetrics v1.151.0 (Go module)
# behaviour  In OpenMetrics, which VictoriaMetrics' documentation says that it imports, an exemplar may follow the value of a
#            counter: a trace or a session that contributed to it. Where the sample has no labels of its own, VictoriaMetrics
#            takes the braces of the exemplar for those of the sample.
# expected   requests_total is 17, with or without an exemplar. The changelog says that such lines are parsed properly.
# seen       No requests_total. There is a metric called "requests_total 17 #" that has the labels and the value of the
#            exemplar. The same line with a label is imported as it should be.
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

curl --silent --fail --data-binary @- "$address/api/v1/import/prometheus" <<'END'
# TYPE requests counter
requests_total 17 # {session="c1"} 0.5
# TYPE orders counter
orders_total{shop="north"} 17 # {session="c1"} 0.5
# EOF
END
curl --silent --fail "$address/internal/force_flush"
seen=$(curl --silent --fail --get --data-urlencode 'match[]={__name__!=""}' --data "end=$(($(date +%s) + 60))" \
  "$address/api/v1/export" |
  python3 -c 'import json, sys; print(*sorted("%(metric)s: %(values)s" % json.loads(line) for line in sys.stdin), sep="\n")')
echo "Of two counters with the value 17 and an exemplar with the value 0.5, VictoriaMetrics has:"
echo "$seen"
[[ $seen == "{'__name__': 'orders_total', 'shop': 'north'}: [17]
{'__name__': 'requests_total 17 #', 'session': 'c1'}: [0.5]" ]]
