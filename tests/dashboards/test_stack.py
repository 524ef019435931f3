"""The files of the stack, checked as far as possible without a container engine."""

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

from tests.conftest import program
from tests.dashboards.compose import COMPOSE, DEFAULT, SERVICES
from tests.e2e.processes import free_port, running, wait_for
from tests.e2e.test_task_user import CONTAINER as CAPABILITIES
from tests.support.commands import every_command

ROOT = Path(__file__).parents[2]
PROVISIONING = ROOT / "provisioning"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
# Created by the user of the stack; ignored by git and by the build context.
LOCAL_DIRECTORIES = {"./logs", "./workspace", "./data"}
# Settings of the compose file itself, which no program receives under that name.
OF_COMPOSE = {
    "HOOKMETER_UID",
    "HOOKMETER_TRANSCRIPTS",
    "HOOKMETER_NODE",
    "HOOKMETER_SERVER_CPUS",
    "HOOKMETER_ALERTS_URL",
}
OF_GRAFANA = {"HOOKMETER_URL", "HOOKMETER_DASHBOARDS"}
EACH = pytest.mark.parametrize("name", SERVICES)


@EACH
def test_an_image_is_pinned_to_a_version_or_built_here(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+[\d.]*)?", service["image"])
    if "build" in service:
        assert service["build"]["target"] in {stage for _, stage in STAGES}


@EACH
def test_a_service_has_minimal_privileges_and_limits(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & service.keys()
    assert "cap_add" not in service or name == "server"  # which starts tasks as another user
    assert {"mem_limit", "pids_limit"} <= service.keys()
    # Docker refuses a limit above the number of CPUs, and a machine may have one.
    assert float(DEFAULT.sub(r"\1", str(service["cpus"]))) <= 1


@EACH
def test_a_service_restarts_and_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["healthcheck"]["interval"]


@EACH
def test_ports_are_on_loopback_only_and_unique(name: str) -> None:
    every = [port for service in SERVICES.values() for port in service.get("ports", ())]
    published = [port.rpartition(":")[0] for port in every]
    assert len(set(published)) == len(published)
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@EACH
def test_agents_in_the_server_reach_only_the_services_that_they_need(name: str) -> None:
    reached = {one for one, service in SERVICES.items() if "work" in service["networks"]}
    assert reached == {"server", "postgres", "prometheus", "agent"}
    assert SERVICES[name]["networks"] == ["work"] or "meter" in SERVICES[name]["networks"]


@EACH
def test_mounted_files_and_volumes_exist(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source = volume.rpartition(":/")[0]
        if source.startswith("./"):
            assert source in LOCAL_DIRECTORIES or (ROOT / source).exists(), source
        elif not source.startswith("${"):
            assert source in COMPOSE["volumes"]


@EACH
def test_provisioned_files_are_mounted_read_only(name: str) -> None:
    provisioned = [volume for volume in SERVICES[name].get("volumes", ()) if volume.startswith(("./prov", "./docs"))]
    assert [volume for volume in provisioned if not volume.endswith(":ro")] == []


@EACH
def test_secrets_are_files_that_git_ignores(name: str) -> None:
    for secret in SERVICES[name].get("secrets", ()):
        path = COMPOSE["secrets"][secret["source"] if isinstance(secret, dict) else secret]["file"]
        ignored = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
        assert ignored.returncode == 0, path
    plain = {key: str(value) for key, value in (SERVICES[name].get("environment") or {}).items()}
    assert [key for key in plain if re.search("PASSWORD$|SECRET|TOKEN", key)] == []


def test_agents_in_the_servers_container_cannot_enter_the_directory_of_its_key_and_its_database() -> None:
    server = SERVICES["server"]
    assert (server["user"], server["cap_drop"]) == ("0:0", ["ALL"])
    assert re.search(r"install -d -m 700 /root ", DOCKERFILE)
    assert server["environment"]["HOOKMETER_TASK_USER"] == SERVICES["exporter"]["user"]
    assert {str(Path(secret["target"]).parent) for secret in server["secrets"]} == {"/root/secrets"}
    assert "server:/root/data" in server["volumes"]
    # The server also runs with these capabilities in tests/e2e/test_task_user.py.
    assert server["cap_add"] == [word.upper() for word in CAPABILITIES.split(",+")]


@pytest.mark.parametrize("profiles", [(), ("fleet",), ("central",), ("fleet", "central")])
def test_a_compose_client_accepts_the_file(profiles: tuple[str, ...]) -> None:
    check = subprocess.run(
        [program("docker-compose"), *(word for profile in profiles for word in ("--profile", profile)), "config", "-q"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_images_have_pinned_bases_and_an_unprivileged_user() -> None:
    stages_here = {stage for _, stage in STAGES}
    bases = [image for image, _ in STAGES if image not in stages_here]
    assert [image for image in bases if not re.fullmatch(r"\w+:\d+\.\d+\.\d+(-\w+)+", image)] == []
    sections = re.split(r"^FROM \S+ AS ", DOCKERFILE, flags=re.MULTILINE)[1:]
    stages = {section.split(maxsplit=1)[0]: section for section in sections}
    for name in ("hookmeter", "server"):
        assert re.findall(r"^USER (\w+)$", stages[name], re.MULTILINE)[-1] == "hookmeter"
    assert STAGES[-1] == ("hookmeter", "exporter")


def test_every_copied_file_exists_in_the_build_context() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for words in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in words.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.partition("/")[0] in allowed, source


def test_every_hookmeter_variable_is_one_of_an_option() -> None:
    text = "\n".join(
        path.read_text()
        for path in (ROOT / "docker-compose.yml", ROOT / "Dockerfile", *PROVISIONING.rglob("*.service"))
    )
    assert set(re.findall(r"\bHOOKMETER_\w+", text)) - known_variables() - OF_COMPOSE - OF_GRAFANA == set()


def test_every_variable_of_the_compose_file_is_documented() -> None:
    variables = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    documents = "".join((ROOT / "docs" / name).read_text() for name in ("stack.md", "fleet.md"))
    assert {name for name in variables if f"`{name}" not in documents and f"{name}=" not in documents} == set()


def known_variables() -> set[str]:
    """The variables of all options of all commands."""
    return {str(param.envvar) for _, command in every_command() for param in command.params if param.envvar}


def test_the_server_reads_its_settings_from_the_environment_and_its_key_from_a_file(tmp_path: Path) -> None:
    service = SERVICES["server"]
    port = free_port()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "jwt_secret_key").write_text("k" * 64 + "\n")
    settings = {key: DEFAULT.sub(r"\1", value) for key, value in service["environment"].items() if value}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HOOKMETER_")},
        **settings,
        "HOOKMETER_LISTEN": f"0.0.0.0:{port}",
        "HOOKMETER_DATA_DIR": str(tmp_path / "data"),
        "CREDENTIALS_DIRECTORY": str(tmp_path / "secrets"),
    }
    del environment["HOOKMETER_TASK_USER"]  # this test may not run as root
    shell, script, *words = service["entrypoint"]
    assert shell == "/bin/sh"
    assert any(volume.endswith(f":{script}:ro") for volume in service["volumes"])
    name, *rest = words
    command_prefix = ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]
    script_here = PROVISIONING / "server" / "with-secrets.sh"
    with running([*command_prefix, shell, script_here, Path(sys.executable).with_name(name), *rest]):
        wait_for(lambda: status(f"http://127.0.0.1:{port}/health", "127.0.0.1:3000") == 200, "the server to be healthy")
        # Prometheus reaches it by the name of its service.
        assert status(f"http://127.0.0.1:{port}/metrics", "server:3000") == 200
        assert status(f"http://127.0.0.1:{port}/metrics", "elsewhere:3000") == 421


def status(url: str, host: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("unit", sorted((PROVISIONING / "systemd").glob("*.service")), ids=lambda path: path.stem)
def test_systemd_accepts_a_unit(unit: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    text = unit.read_text()
    for path in re.findall(r"/srv/hookmeter/(provisioning/\S+)", text):
        assert os.access(ROOT / path, os.X_OK), path
    # The programs of the units are not installed on this machine.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    instance = tmp_path / unit.name.replace("@", "@somebody")
    (tmp_path / unit.name).write_text(text)
    instance.write_text(text)
    check = subprocess.run([analyze, "verify", instance], capture_output=True, text=True, check=False)
    ours = [line for line in check.stderr.splitlines() if unit.stem.partition("@")[0] in line]
    assert (check.returncode, ours) == (0, [])


def test_the_history_of_a_container_has_the_instance_label_that_prometheus_gives_its_exporter() -> None:
    config = yaml.safe_load((PROVISIONING / "prometheus" / "containers.yml").read_text())
    (target,) = config["scrape_configs"][0]["static_configs"][0]["targets"]
    assert SERVICES["exporter"]["environment"]["HOOKMETER_INSTANCE"] == target
