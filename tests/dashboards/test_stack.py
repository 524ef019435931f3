"""The stack's files, each proven as far as it can be without a container engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

from dashboards.alerts import ALERTS
from tests.conftest import program
from tests.dashboards.compose import COMPOSE, DEFAULT, SERVICES
from tests.e2e.processes import free_port, running, wait_for
from tests.support.commands import every_command

ROOT = Path(__file__).parents[2]
PROVISIONING = ROOT / "provisioning"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
# Made by whoever runs the stack; git and the image's context leave them out.
MADE = {"./logs", "./workspace", "./data"}
# What the compose file asks of its user, and hands to no program under that name.
ASKED = {"HOOKMETER_UID", "HOOKMETER_TRANSCRIPTS", "HOOKMETER_NODE", "HOOKMETER_SERVER_CPUS"}
GRAFANAS = {"HOOKMETER_URL", "HOOKMETER_DASHBOARDS"}
EACH = pytest.mark.parametrize("name", SERVICES)


@EACH
def test_an_image_is_pinned_to_a_version_or_built_here(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+[\d.]*)?", service["image"])
    if "build" in service:
        assert service["build"]["target"] in {stage for _, stage in STAGES}


@EACH
def test_a_service_can_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & service.keys()
    assert {"mem_limit", "pids_limit"} <= service.keys()
    # A limit above the number of processors is refused, and a machine may have one.
    assert float(DEFAULT.sub(r"\1", str(service["cpus"]))) <= 1


@EACH
def test_a_service_starts_again_and_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["healthcheck"]["interval"]


@EACH
def test_ports_are_on_loopback_alone_and_no_two_are_the_same(name: str) -> None:
    every = [port for service in SERVICES.values() for port in service.get("ports", ())]
    published = [port.rpartition(":")[0] for port in every]
    assert len(set(published)) == len(published)
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@EACH
def test_agents_in_the_server_reach_nothing_but_what_serves_their_tasks(name: str) -> None:
    reached = {one for one, service in SERVICES.items() if "work" in service["networks"]}
    assert reached == {"server", "postgres", "prometheus", "agent"}
    assert SERVICES[name]["networks"] == ["work"] or "meter" in SERVICES[name]["networks"]


@EACH
def test_what_is_mounted_is_there(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source = volume.rpartition(":/")[0]
        if source.startswith("./"):
            assert source in MADE or (ROOT / source).exists(), source
        elif not source.startswith("${"):
            assert source in COMPOSE["volumes"]


@EACH
def test_what_is_only_read_is_mounted_so(name: str) -> None:
    provisioned = [volume for volume in SERVICES[name].get("volumes", ()) if volume.startswith(("./prov", "./docs"))]
    assert [volume for volume in provisioned if not volume.endswith(":ro")] == []


@EACH
def test_a_secret_is_a_file_that_no_repository_holds(name: str) -> None:
    for secret in SERVICES[name].get("secrets", ()):
        path = COMPOSE["secrets"][secret]["file"]
        ignored = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
        assert ignored.returncode == 0, path
    plain = {key: str(value) for key, value in (SERVICES[name].get("environment") or {}).items()}
    assert [key for key in plain if re.search("PASSWORD$|SECRET|TOKEN", key)] == []


@pytest.mark.parametrize("profiles", [(), ("fleet",), ("central",), ("fleet", "central")])
def test_a_compose_client_accepts_the_file(profiles: tuple[str, ...]) -> None:
    told = subprocess.run(
        [program("docker-compose"), *(word for profile in profiles for word in ("--profile", profile)), "config", "-q"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_images_are_built_of_pinned_ones_and_run_as_nobody_in_particular() -> None:
    made = {stage for _, stage in STAGES}
    outside = [image for image, _ in STAGES if image not in made]
    assert [image for image in outside if not re.fullmatch(r"\w+:\d+\.\d+\.\d+(-\w+)+", image)] == []
    sections = re.split(r"^FROM \S+ AS ", DOCKERFILE, flags=re.MULTILINE)[1:]
    stages = {section.split(maxsplit=1)[0]: section for section in sections}
    for name in ("hookmeter", "server"):
        assert re.findall(r"^USER (\w+)$", stages[name], re.MULTILINE)[-1] == "hookmeter"
    assert STAGES[-1] == ("hookmeter", "exporter")


def test_every_file_that_the_image_copies_is_there_and_in_its_context() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for words in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in words.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.partition("/")[0] in allowed, source


def test_every_variable_of_hookmeter_is_one_that_it_knows() -> None:
    text = "\n".join(
        path.read_text()
        for path in (ROOT / "docker-compose.yml", ROOT / "Dockerfile", *PROVISIONING.rglob("*.service"))
    )
    assert set(re.findall(r"\bHOOKMETER_\w+", text)) - known_variables() - ASKED - GRAFANAS == set()


def test_every_variable_that_the_compose_file_asks_for_is_documented() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    documents = "".join((ROOT / "docs" / name).read_text() for name in ("stack.md", "fleet.md"))
    assert {name for name in asked if f"`{name}" not in documents and f"{name}=" not in documents} == set()


def known_variables() -> set[str]:
    """Those of every option of every command."""
    return {str(param.envvar) for _, command in every_command() for param in command.params if param.envvar}


def test_the_server_takes_its_settings_from_its_container_and_its_key_from_a_file(tmp_path: Path) -> None:
    service = SERVICES["server"]
    port = free_port()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "jwt_secret_key").write_text("k" * 64 + "\n")
    given = {key: DEFAULT.sub(r"\1", value) for key, value in service["environment"].items() if value}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HOOKMETER_")},
        **given,
        "HOOKMETER_LISTEN": f"0.0.0.0:{port}",
        "HOOKMETER_DATA_DIR": str(tmp_path / "data"),
        "CREDENTIALS_DIRECTORY": str(tmp_path / "secrets"),
    }
    shell, script, *words = service["entrypoint"]
    assert shell == "/bin/sh"
    assert any(volume.endswith(f":{script}:ro") for volume in service["volumes"])
    name, *rest = words
    given_by = ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]
    script_here = PROVISIONING / "server" / "with-secrets.sh"
    with running([*given_by, shell, script_here, Path(sys.executable).with_name(name), *rest]):
        wait_for(lambda: status(f"http://127.0.0.1:{port}/health", "127.0.0.1:3000") == 200, "the server to be well")
        # The name by which Prometheus reaches it is one of its own.
        assert status(f"http://127.0.0.1:{port}/metrics", "server:3000") == 200
        assert status(f"http://127.0.0.1:{port}/metrics", "elsewhere:3000") == 421


def status(url: str, host: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("words", [("prometheus.yml",), ("containers.yml",), ("--agent", "agent.yml")], ids="_".join)
def test_promtool_accepts_every_configuration(words: tuple[str, ...], promtool: str) -> None:
    *flags, name = words
    path = PROVISIONING / "prometheus" / name
    told = subprocess.run([promtool, "check", "config", *flags, path], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("name", ["containers.yml", "agent.yml"])
def test_what_is_scraped_among_containers_is_a_service_and_its_port(name: str) -> None:
    config = yaml.safe_load((PROVISIONING / "prometheus" / name).read_text())
    asked = {
        job["job_name"]: target
        for job in config["scrape_configs"]
        for static in job["static_configs"]
        for target in static["targets"]
    }
    # A host has an exporter; a server is there on some.
    assert asked == {"hookmeter": "exporter:19464"} | (
        {} if name == "agent.yml" else {"hookmeter-server": "server:3000"}
    )
    for target in asked.values():
        service, port = target.split(":")
        assert SERVICES[service]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_amtool_accepts_who_is_told() -> None:
    path = PROVISIONING / "alertmanager" / "alertmanager.yml"
    told = subprocess.run([program("amtool"), "check-config", path], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_what_silences_alerts_names_alerts_that_there_are() -> None:
    config = yaml.safe_load((PROVISIONING / "alertmanager" / "alertmanager.yml").read_text())
    names = [alert.name for alerts in ALERTS.values() for alert in alerts]
    for rule in config["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            label, pattern = re.fullmatch(r'(\w+)=~?"(.*)"', matcher).groups()  # type: ignore[union-attr]
            parts = pattern.split("|") if label == "alertname" else []
            assert [part for part in parts if not any(re.fullmatch(part, name) for name in names)] == []


def test_grafana_is_given_every_variable_that_its_provisioning_names() -> None:
    folder = PROVISIONING / "grafana" / "provisioning"
    named = {name for path in folder.rglob("*.yml") for name in re.findall(r"[ \"]\$([A-Z_]+)", path.read_text())}
    assert named == {"PROMETHEUS_URL", "ALERTMANAGER_URL", "HOOKMETER_URL", "HOOKMETER_DASHBOARDS", "SCRAPE_INTERVAL"}
    assert named <= SERVICES["grafana"]["environment"].keys()


def test_grafana_has_the_data_sources_that_its_alerts_ask_and_tell() -> None:
    folder = PROVISIONING / "grafana" / "provisioning"
    sources = [yaml.safe_load(path.read_text())["datasources"][0] for path in (folder / "datasources").iterdir()]
    rules = yaml.safe_load((folder / "alerting" / "alerts.yml").read_text())
    asked = {node["datasourceUid"] for group in rules["groups"] for rule in group["rules"] for node in rule["data"]}
    assert asked - {"__expr__"} == {"prometheus"}
    assert {source["uid"]: source["type"] for source in sources} == {
        "prometheus": "prometheus",
        "alertmanager": "alertmanager",
    }


@pytest.mark.parametrize("unit", sorted((PROVISIONING / "systemd").glob("*.service")), ids=lambda path: path.stem)
def test_systemd_accepts_a_unit(unit: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    text = unit.read_text()
    for path in re.findall(r"/srv/hookmeter/(provisioning/\S+)", text):
        assert os.access(ROOT / path, os.X_OK), path
    # The programs are where the units say only on a machine that has them installed there.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    instance = tmp_path / unit.name.replace("@", "@somebody")
    (tmp_path / unit.name).write_text(text)
    instance.write_text(text)
    told = subprocess.run([analyze, "verify", instance], capture_output=True, text=True, check=False)
    ours = [line for line in told.stderr.splitlines() if unit.stem.partition("@")[0] in line]
    assert (told.returncode, ours) == (0, [])


@pytest.mark.parametrize("path", sorted((PROVISIONING / "kubernetes").glob("*.yml")), ids=lambda path: path.stem)
def test_a_manifest_asks_for_no_more_than_it_must(path: Path) -> None:
    for manifest in yaml.safe_load_all(path.read_text()):
        assert {"apiVersion", "kind", "metadata"} <= manifest.keys()
        pod = manifest.get("spec", {}).get("template", {}).get("spec")
        for container in pod["containers"] if pod else ():
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert container["resources"]["limits"]["memory"]
            assert container["livenessProbe"]
