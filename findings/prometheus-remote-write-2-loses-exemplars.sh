#!/usr/bin/env bash
# package    github.com/prometheus/prometheus v0.316.0 (Go module, Prometheus 3.16.0)
# behaviour  Exemplars lead from a counter to one of the sessions behind it. With send_exemplars, remote write sends each in a
#            series of its own that has no samples. In version 2.0 of the protocol, the receiver of the same Prometheus refuses
#            such series with 400, "must contain at least one sample", and the sender does not try again.
# expected   Exemplars arrive, as with version 1.0: the documentation of send_exemplars excludes no version.
# seen       Between two ends of one version, all samples and no exemplar arrive with 2.0.
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
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


class Metrics(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.end_headers()
        page = f'# TYPE orders counter\norders_total 17 # {{session="c1"}} 1 {time.time():.3f}\n# EOF\n'
        self.wfile.write(page.encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Metrics)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 "$place/shop.py" >"$place/shop.port" &
shop=$!
until [[ -s $place/shop.port ]]; do kill -0 "$shop"; done

# Prometheus scrapes the shop and writes what it scraped to itself, with the label copy="yes".
start() { # the message of the protocol
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat >"$place/prometheus.yml" <<YAML
global: {scrape_interval: 1s}
scrape_configs: [{job_name: shop, static_configs: [{targets: ["127.0.0.1:$(<"$place/shop.port")"]}]}]
remote_write:
  - url: http://127.0.0.1:$port/api/v1/write
    protobuf_message: $1
    send_exemplars: true
    write_relabel_configs:
      - {source_labels: [__name__, copy], regex: orders_total;, action: keep}
      - {target_label: copy, replacement: "yes"}
YAML
  "$place/bin/prometheus" --config.file="$place/prometheus.yml" --storage.tsdb.path="$place/$1" \
    --web.listen-address="127.0.0.1:$port" --web.enable-remote-write-receiver --enable-feature=exemplar-storage 2>"$place/log" &
  prometheus=$!
}
arrived() { # once ten exemplars were sent: whether there are samples and exemplars of the copy
  python3 - "http://127.0.0.1:$port" <<'PY'
import json, re, sys, time, urllib.parse, urllib.request


def get(path, **parameters):
    return urllib.request.urlopen(f"{sys.argv[1]}{path}?{urllib.parse.urlencode(parameters)}", timeout=5).read().decode()


def sent():
    try:
        found = re.search(r"^prometheus_remote_storage_exemplars_total\{.*\} (.*)$", get("/metrics"), re.M)
        return float(found[1]) if found else 0
    except OSError:
        return 0


start = time.time()
while sent() < 10 and time.time() < start + 90:
    time.sleep(0.5)
query = 'orders_total{copy="yes"}'
samples = json.loads(get("/api/v1/query", query=query))["data"]["result"]
exemplars = json.loads(get("/api/v1/query_exemplars", query=query, start=start - 60, end=time.time() + 60))["data"]
print("samples and", "exemplars" if exemplars else "no exemplars") if samples else print("no samples")
PY
}
for message in prometheus.WriteRequest io.prometheus.write.v2.Request; do
  start $message
  arrived >"$place/arrived.$message"
  kill "$prometheus"
  wait "$prometheus" || :
  prometheus=
done
first=$(<"$place/arrived.prometheus.WriteRequest") second=$(<"$place/arrived.io.prometheus.write.v2.Request")
echo "Remote write 1.0: $first. Remote write 2.0: $second."
sed -n 's/.*\(failedExemplarCount=[0-9]*\).*\(must contain at least one sample[a-z ]*\) for.*/\1 \2/p' "$place/log" | head -n 1
[[ $first == "samples and exemplars" && $second == "samples and no exemplars" ]]
