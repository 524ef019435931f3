#!/bin/sh
# Prints the configuration of Alertmanager next to this script, in which the receiver `people` notifies the address in
# HOOKMETER_ALERTS_URL: an incoming webhook of Slack or Discord, or any other address, to which alerts are posted as JSON.
# Without an address, nobody is notified. The output contains the address, which is a secret.
set -eu
url=${HOOKMETER_ALERTS_URL:-}
title="'{{ .CommonAnnotations.summary }}'"
text="'{{ range .Alerts }}{{ .Annotations.summary }}: {{ .Annotations.description }} {{ .Annotations.dashboard }} {{ .Annotations.runbook_url }} {{ end }}'"
case $url in
  '') receiver= ;;
  *[!A-Za-z0-9._~:/?#@\&\(\)*+,\;=%-]*)
    echo "HOOKMETER_ALERTS_URL contains a character that no URL has; encode it, such as %20 for a space." >&2
    exit 2 ;;
  https://hooks.slack.com/*) receiver="slack_configs: [{api_url: '$url', send_resolved: true, title: $title, text: $text}]" ;;
  https://discord.com/api/webhooks/*) receiver="discord_configs: [{webhook_url: '$url', send_resolved: true}]" ;;
  http://?* | https://?*) receiver="webhook_configs: [{url: '$url', send_resolved: true}]" ;;
  *)
    echo "HOOKMETER_ALERTS_URL must start with http:// or https://, such as https://hooks.slack.com/services/…" >&2
    exit 2 ;;
esac
cat "$(dirname "$0")/alertmanager.yml"
[ -z "$receiver" ] || echo "    $receiver"
