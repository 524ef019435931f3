"""`hookmeter dashboards write` and `stack write`: the same files as generated ones, without the generator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.addresses import Addresses
from dashboards.build import files
from tests.support.full_disk import full_disk
from tests.support.hookmeter_process import Home

ROOT = Path(__file__).parents[2]
ADDRESSES = Addresses("https://grafana.example.org", "https://docs.example.org/runbooks", "https://agents.example.org")
OPTIONS = (
    "--grafana-url", ADDRESSES.grafana, "--runbooks-url", ADDRESSES.runbooks, "--server-url", ADDRESSES.server,
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def content(path: Path, text: str) -> Any:
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def test_written_files_are_those_that_are_generated_for_the_addresses(home: Home) -> None:
    assert home.run("dashboards", "write", "mine", *OPTIONS).returncode == 0
    generated = {
        path.relative_to("provisioning"): text
        for path, text in files(ADDRESSES).items()
        if path.is_relative_to("provisioning/grafana") or path.is_relative_to("provisioning/prometheus/rules")
    }
    assert len(generated) > 15
    for path, text in generated.items():
        assert content(path, (home.path / "mine" / path).read_text()) == content(path, text), path


def test_boards_alerts_and_provisioning_use_the_data_source_that_is_named(home: Home) -> None:
    assert home.run("dashboards", "write", "mine", "--datasource-uid", "PBFA97CFB590B2093").returncode == 0
    alerts = yaml.safe_load((home.path / "mine/grafana/provisioning/alerting/alerts.yml").read_text())
    nodes = [node for group in alerts["groups"] for rule in group["rules"] for node in rule["data"]]
    assert {node["datasourceUid"] for node in nodes} == {"PBFA97CFB590B2093", "__expr__"}
    (source,) = yaml.safe_load((home.path / "mine/grafana/provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    assert source["uid"] == "PBFA97CFB590B2093"
    for path in (home.path / "mine" / "grafana" / "dashboards").glob("*.json"):
        (variable,) = (
            each for each in json.loads(path.read_text())["templating"]["list"] if each["name"] == "datasource"
        )
        assert variable["current"] == {"text": "PBFA97CFB590B2093", "value": "PBFA97CFB590B2093"}


def test_files_that_were_changed_are_only_replaced_by_force(home: Home) -> None:
    board = home.path / "mine" / "grafana" / "dashboards" / "cost.json"
    home.run("dashboards", "write", "mine")
    assert "mine: 0 files written" in home.run("dashboards", "write", "mine").stdout
    text = board.read_text()
    board.write_text("{}")
    assert home.refused("dashboards", "write", "mine") == (
        "hookmeter: mine/grafana/dashboards/cost.json would change; to replace what is there, add --force"
    )
    assert board.read_text() == "{}"
    assert "mine: 1 files written" in home.run("dashboards", "write", "mine", "--force").stdout
    assert board.read_text() == text


@pytest.mark.parametrize("uid", ["", "a b", "$(x)", "x" * 41])
def test_a_uid_that_grafana_would_refuse_is_refused(home: Home, uid: str) -> None:
    assert "invalid uid" in home.refused("dashboards", "write", "mine", "--datasource-uid", uid)
    assert not (home.path / "mine").exists()


def test_a_directory_that_cannot_be_written_is_one_line(home: Home) -> None:
    (home.path / "file").write_text("")
    assert "file" in home.refused("stack", "write", "file")


def test_a_full_disk_is_one_line_with_the_directory(home: Home) -> None:
    with full_disk():
        done = home.run("dashboards", "write", "mine")
    assert done.returncode == 2
    assert "mine cannot be written (File too large); choose another directory" in done.stderr


def test_the_stack_has_what_its_compose_file_names(home: Home) -> None:
    assert home.run("stack", "write", "stack").returncode == 0
    written = home.path / "stack"
    services = yaml.safe_load((written / "docker-compose.yml").read_text())["services"].values()
    volumes = [str(volume) for service in services for volume in service.get("volumes", ())]
    sources = {volume.partition(":")[0].removeprefix("./") for volume in volumes}
    own = {source for source in sources if source.startswith(("provisioning", "docs"))}
    assert len(own) > 5
    assert [source for source in own if not (written / source).exists()] == []
    copied = [
        line.split()[1:-1] for line in (written / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")
    ]
    names = [name for words in copied for name in words if not words[0].startswith("--from")]
    assert [name for name in names if not (written / name).exists()] == []
    assert (written / "exporter" / "cli.py").read_bytes() == (ROOT / "exporter" / "cli.py").read_bytes()
    assert (written / "chatserver" / "static").is_dir()
