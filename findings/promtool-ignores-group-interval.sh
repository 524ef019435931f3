#!/usr/bin/env bash
# package    github.com/prometheus/prometheus v0.316.0 (Go module, Prometheus 3.16.0), its promtool
# behaviour  A rule group may have an interval of its own, "how often rules in the group are evaluated". promtool test rules
#            evaluates all groups once per evaluation_interval of the test file, and ignores theirs.
# expected   A group with the interval 5m is evaluated at 0, 5, 10… minutes: a dollar that is recorded each time adds up to
#            $12 in an hour, and an alert that is true from the start and waits "for: 12m" fires at 15 minutes.
# seen       $60, and an alert at 12 minutes. Tests of budgets pass with sums and times that Prometheus never shows.
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'chmod -R u+w "$place"; rm -rf "$place"' EXIT
CGO_ENABLED=0 GOFLAGS="-modcacherw ${GOFLAGS:-}" GOBIN="$place/bin" GOMODCACHE="$place/modules" \
  go install -trimpath -tags remove_all_sd github.com/prometheus/prometheus/cmd/promtool@v0.316.0 >&2

cat >"$place/rules.yml" <<'YAML'
groups:
  - name: spending
    interval: 5m
    rules:
      - {record: spent_usd, expr: vector(1)}
      - {alert: Spending, expr: spent_usd > 0, for: 12m}
YAML
cat >"$place/test.yml" <<'YAML'
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - promql_expr_test:
      - {expr: 'sum_over_time(spent_usd[1h])', eval_time: 65m, exp_samples: [{labels: '{}', value: 12}]}
    alert_rule_test:
      - {alertname: Spending, eval_time: 14m, exp_alerts: []}
YAML
"$place/bin/promtool" test rules "$place/test.yml" >"$place/output" 2>&1 || true
alert=$(grep --count 'got:\[$' "$place/output" || true)
sum=$(sed -n 's/ *got: {} //p' "$place/output")
echo "In an hour of a group that is evaluated every 5 minutes, promtool sums up $sum recorded dollars."
echo "$alert alert fires before the third evaluation, which is after 15 minutes."
[[ $sum == 6E+01 && $alert == 1 ]]
