"""Each block of commands in the documents, and where it runs: a block that is not in this table fails a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scene:
    """How a block runs.

    `begins` is how the block begins, `before` what has been done before, `shows` a text that it prints, and
    `reads` what stands for the placeholders of the document. An `empty` home has no sessions yet.
    """

    document: str
    begins: str
    before: str = ""
    shows: str = ""
    reads: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False

    def __str__(self) -> str:
        return f"{self.document}: {self.begins}"


WRITE = "hookmeter stack write ~/hookmeter-stack\ncd ~/hookmeter-stack\n"
STACK = "hookmeter stack write stack && cd stack"
CLONE = "git clone REPOSITORY /srv/hookmeter"
UNITS = "cp /srv/hookmeter/provisioning/systemd/*.service /etc/systemd/system/"
ENVIRONMENT = "echo 'HOOKMETER_GRAFANA_URL=https://g.example.org' > .env"
MARKETPLACE = "ln -s $CHECKOUT hookmeter"
PLUGIN = f"{MARKETPLACE}; claude plugin marketplace add ./hookmeter; claude plugin install hookmeter@hookmeter"
ARCHIVE = {"hookmeter-….tar.gz": "hookmeter-*.tar.gz"}
WEBHOOK = 'mkdir -p ~/.config && echo "http://$INBOX/" > ~/.config/webhook-url'
STATUS_BAR = {"set -g status-right '#(": "", """ end")'""": """ end\""""}
CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -nodes -keyout server.key -out server.crt -subj /CN=localhost 2>&1"
WEB_CONFIG = f"""{CERTIFICATE}; printf '%s' "$WEB_CONFIG" > web.yml"""

SCENES = (
    Scene("README.md", "uv tool install ."),
    Scene("README.md", "make run"),
    Scene("README.md", "hookmeter hooks install", shows="installed in", empty=True),
    Scene("README.md", "hookmeter stack write ~/hookmeter-stack", shows="files written"),
    Scene("README.md", "hookmeter wait", shows="permission"),
    Scene("README.md", "hookmeter backfill --output history.om", reads={"PROMETHEUS_DATA": "blocks"}),
    Scene("CONTRIBUTING.md", "make test"),
    Scene("docs/backfill.md", "hookmeter backfill --output /tmp/history.om"),
    Scene("docs/backfill.md", "docker compose exec -T exporter hookmeter backfill --output - |", STACK),
    Scene("docs/backfill.md", "kubectl exec deploy/hookmeter"),
    Scene("docs/backfill.md", "hookmeter backfill --output - | curl", reads={"127.0.0.1:8428": "$INBOX"}),
    Scene("docs/backfill.md", "docker compose exec -T exporter hookmeter backfill --instance", STACK,
          reads={"CENTRAL:8428": "$INBOX"}),
    Scene("docs/claude-code.md", "claude plugin marketplace add ./hookmeter", MARKETPLACE),
    Scene("docs/claude-code.md", "hookmeter hooks install --statusline", shows="hooks added"),
    Scene("docs/claude-code.md", "uv tool install './hookmeter[mcp]'"),
    Scene("docs/fleet.md", "mkdir -p ~/.claude/projects logs/sessions", STACK),
    Scene("docs/fleet.md", "mkdir -p data/secrets", STACK),
    Scene("docs/fleet.md", "docker compose --profile fleet up -d postgres", STACK),
    Scene("docs/operations.md", "hookmeter service install", shows="hookmeter.service"),
    Scene("docs/operations.md", "0 8 * * *", shows="calls,"),
    Scene("docs/operations.md", "0 8 * * 1", WEBHOOK),
    Scene("docs/operations.md", "set -g status-right", shows="⏳ 2", reads=STATUS_BAR),
    Scene("docs/operations.md", "hookmeter exporter --metrics-listen 0.0.0.0:19464", WEB_CONFIG),
    Scene("docs/operations.md", "hookmeter backup ~/backups/", shows="restored", reads=ARCHIVE),
    Scene("docs/operations.md", "0 3 * * *", shows="bytes"),
    Scene("docs/operations.md", "hookmeter uninstall", "hookmeter hooks install", "hooks removed"),
    Scene("docs/quickstart.md", "git clone REPOSITORY hookmeter", empty=True),
    Scene("docs/quickstart.md", "hookmeter cost --by day\nhookmeter sessions", shows="No API messages", empty=True),
    Scene("docs/quickstart.md", "hookmeter service install", shows="hookmeter.service", empty=True),
    Scene("docs/quickstart.md", f"{WRITE}mkdir -p ~/.claude/projects logs/sessions workspace", empty=True),
    Scene("docs/quickstart.md", "mkdir -p ~/.config/hookmeter ~/work", shows="ann can log in now", empty=True),
    Scene("docs/quickstart.md", f"{WRITE}mkdir -p data/secrets", empty=True),
    Scene("docs/quickstart.md", f"{WRITE}mkdir -p ~/.claude/projects logs/sessions\n", empty=True),
    Scene("docs/quickstart.md", f"{WRITE}docker build", shows="No sessions in the last 24 hours", empty=True),
    Scene("docs/server.md", "hookmeter run", shows='"description"', reads={"…": "a long pass phrase"}),
    Scene("docs/server.md", 'curl "localhost:3000/api/sessions', "hookmeter run", '"total"'),
    Scene("docs/server.md", "hookmeter users add ann --admin", "hookmeter users add bob", "bob is an admin"),
    Scene("docs/server.md", "(umask 077; openssl rand -hex 32 > secret.key)", shows="hookmeter serves"),
    Scene("docs/stack.md", "mkdir -p ~/.claude/projects logs/sessions workspace", STACK, "can log in now"),
    Scene("docs/stack.md", "(set -a; . ./.env;", f"{STACK} && {ENVIRONMENT}", "files written"),
    Scene("docs/stack.md", "git clone REPOSITORY /srv/hookmeter"),
    Scene("docs/stack.md", "useradd --system hookmeter", f"{CLONE}; {UNITS}", "can log in now"),
    Scene("docs/stack.md", "apt install prometheus", CLONE),
    Scene("docs/stack.md", "cat >> /etc/default/grafana-server"),
    Scene("docs/stack.md", "cp /srv/hookmeter/provisioning/prometheus/rules", CLONE),
    Scene("docs/stack.md", "cp /srv/hookmeter/provisioning/grafana/provisioning/dashboards", CLONE),
    Scene("docs/stack.md", "cp /srv/hookmeter/provisioning/grafana/provisioning/alerting", CLONE),
    Scene("docs/stack.md", "(umask 027; HOOKMETER_ALERTS_URL", CLONE, reads={"https://…": "https://example.org/hook"}),
    Scene("docs/upgrade.md", "hookmeter backup ~/backups/", shows="bytes"),
    Scene("docs/upgrade.md", "hookmeter hooks install", shows="installed in"),
    Scene("docs/upgrade.md", "git -C hookmeter pull"),
    Scene("docs/upgrade.md", "git pull"),
    Scene("docs/upgrade.md", "hookmeter stack write ~/hookmeter-stack --force"),
    Scene("docs/upgrade.md", "git -C /srv/hookmeter pull", CLONE),
    Scene("docs/upgrade.md", "claude plugin marketplace update hookmeter", PLUGIN),
    Scene("docs/upgrade.md", "docker build", "hookmeter stack write ~/hookmeter-stack"),
    Scene("docs/upgrade.md", "hookmeter restore", "hookmeter backup ~/backups/", "restored", ARCHIVE),
)  # fmt: skip

# Blocks of which the options are checked, because they run only as root, and the test that runs them.
CHECKED = {
    ("docs/server.md", "useradd --create-home agent"): "tests/e2e/test_task_user.py",
}

# Blocks that are no commands, and what proves them.
SHOWN = {
    ("ARCHITECTURE.md", "exporter/"): "tests/test_imports.py",
    ("ARCHITECTURE.md", "hook lines"): "a drawing",
    ("README.md", "Claude Code ──hook──▶"): "a drawing",
    ("docs/claude-code.md", "$4.21 today"): "tests/exporter/commands/test_statusline_command.py",
    ("docs/costs.md", "ok  prices"): "tests/exporter/prices/test_managed_settings.py",
    ("docs/costs.md", '{"multiplier": 0.9'): "tests/docs/test_snippets.py",
    ("docs/costs.md", '{"modelPricing"'): "tests/e2e/test_managed_prices.py",
    ("docs/costs.md", "The ledger has costs by other prices"): "tests/exporter/commands/test_prices_of_the_ledger.py",
    ("docs/costs.md", "quota        used"): "tests/exporter/commands/test_quota_command.py",
    ("docs/fleet.md", "host:"): "a drawing",
    ("docs/fleet.md", "scrape_configs:"): "tests/docs/test_snippets.py",
    ("docs/fleet.md", "write_relabel_configs:"): "tests/docs/test_snippets.py",
    ("docs/operations.md", "[Unit]"): "tests/docs/test_snippets.py",
    ("docs/operations.md", "tls_server_config:"): "tests/docs/test_commands.py",
    ("docs/settings.md", "daily-budget-usd = 20"): "tests/docs/test_snippets.py",
    ("docs/stack.md", "PROMETHEUS_UID="): "tests/dashboards/test_provisioned_configuration.py",
    ("docs/stack.md", "HOOKMETER_ALERTS_URL=https://hooks"): "tests/dashboards/test_alert_receiver.py",
}
