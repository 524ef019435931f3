"""Files that the documents print are accepted by the programs that read them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import program
from tests.docs.blocks import ROOT, all_blocks
from tests.docs.scenes import WRITE
from tests.support.hookmeter_process import Home


def printed(document: str, begins: str) -> str:
    (block,) = (block for block in all_blocks() if block.document == document and block.text.startswith(begins))
    return block.text


def test_the_configuration_file_is_valid(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.config.parent.mkdir(parents=True)
    home.config.write_text(printed("docs/settings.md", "daily-budget-usd"))
    shown = home.run("config", "show")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "/srv/agents/.claude/projects" in shown.stdout


def test_prices_are_valid(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "prices.json").write_text(printed("docs/costs.md", '{"multiplier"'))
    assert home.run("cost", "--prices", "prices.json").returncode == 0


def test_the_scrape_configuration_and_its_targets_are_valid(tmp_path: Path) -> None:
    config, targets = printed("docs/fleet.md", "scrape_configs:").split("# /etc/prometheus/hookmeter/build.yml\n")
    (tmp_path / "hookmeter").mkdir()
    (tmp_path / "hookmeter" / "build.yml").write_text(targets)
    (tmp_path / "hookmeter.password").write_text("secret")
    (tmp_path / "prometheus.yml").write_text(config.replace("/etc/prometheus", str(tmp_path)))
    accept("check", "config", tmp_path / "prometheus.yml")
    assert [group.keys() for group in yaml.safe_load(targets)] == [{"targets", "labels"}]


def test_hosts_of_a_fleet_send_to_the_proxy_with_tls() -> None:
    commands = printed("docs/quickstart.md", f"{WRITE}mkdir -p ~/.claude/projects logs/sessions\n")
    ((script, path),) = re.findall(r"^sed -i '(.*)' (.*)$", commands, re.MULTILINE)
    changed = subprocess.run(["sed", script, ROOT / path], capture_output=True, text=True, check=True).stdout
    assert [one["url"] for one in yaml.safe_load(changed)["remote_write"]] == [
        "https://metrics.example.org/api/v1/write"
    ]


def test_the_rules_that_drop_buckets_are_valid(tmp_path: Path) -> None:
    rules = yaml.safe_load(printed("docs/fleet.md", "write_relabel_configs:"))
    config = {"remote_write": [{"url": "http://127.0.0.1:1/", **rules}]}
    (tmp_path / "agent.yml").write_text(yaml.safe_dump(config))
    accept("check", "config", "--agent", tmp_path / "agent.yml")


def accept(*words: str | Path) -> None:
    check = subprocess.run([program("promtool"), *words], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr


def test_the_unit_is_one_that_systemd_accepts_with_an_exporter_that_is_ours(tmp_path: Path) -> None:
    text = printed("docs/operations.md", "[Unit]")
    (start,) = (line for line in text.splitlines() if line.startswith("ExecStart="))
    _, command, *options = start.split()
    assert Home(tmp_path).run(command, *options, "--help").returncode == 0
    unit = tmp_path / "hookmeter.service"
    unit.write_text(text.replace(start, "ExecStart=/bin/true").replace("/srv/hookmeter", str(tmp_path)))
    check = subprocess.run([program("systemd-analyze"), "verify", unit], capture_output=True, text=True, check=False)
    assert (check.returncode, [line for line in check.stderr.splitlines() if unit.name in line]) == (0, [])


@pytest.mark.parametrize("begins", ["write_relabel_configs:"])
def test_every_bucket_that_a_rule_drops_exists(begins: str) -> None:
    (rule,) = yaml.safe_load(printed("docs/fleet.md", begins))["write_relabel_configs"]
    name, _, bounds = rule["regex"].partition(";")
    assert name == "claude_tool_call_duration_seconds_bucket"
    assert set(bounds.strip("()").split("|")) < {
        "0.001",
        "0.005",
        "0.01",
        "0.05",
        "0.1",
        "0.5",
        "1.0",
        "5.0",
        "10.0",
        "600.0",
    }
