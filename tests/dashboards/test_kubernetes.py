"""The manifests for Kubernetes: valid, hardened, and about volumes, settings and a job that fit together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.dashboards.test_stack import known_variables

DIRECTORY = Path(__file__).parents[2] / "provisioning" / "kubernetes"
PATHS = sorted(DIRECTORY.glob("*.yml"))
MANIFESTS = [(path.name, one) for path in PATHS for one in yaml.safe_load_all(path.read_text())]
VERSIONS = ("1.31", "1.37")
PODS = [one["spec"]["template"]["spec"] for _, one in MANIFESTS if "template" in one["spec"]]
CONTAINERS = [container for pod in PODS for container in pod["containers"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid_without_unknown_fields(version: str) -> None:
    assert {name for name, _ in MANIFESTS} == {"agents.yml", "exporter.yml"}
    for _, manifest in MANIFESTS:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_mistake_is_found() -> None:
    (deployment,) = (one for _, one in MANIFESTS if one["kind"] == "Deployment")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment | {"spec": deployment["spec"] | {"replica": 1}}, "1.37", strict=True)


def test_every_claim_that_a_pod_mounts_is_in_a_manifest() -> None:
    claims = {one["metadata"]["name"] for _, one in MANIFESTS if one["kind"] == "PersistentVolumeClaim"}
    for pod in PODS:
        volumes = {one["name"]: one for one in pod["volumes"]}
        used = {claim["claimName"] for one in volumes.values() if (claim := one.get("persistentVolumeClaim"))}
        assert used <= claims
        mounts = {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
        assert mounts == volumes.keys()


def test_pods_run_as_the_same_user_with_minimal_privileges_and_limits() -> None:
    for pod in PODS:
        assert pod["automountServiceAccountToken"] is False
        context = pod["securityContext"]
        assert (context["runAsNonRoot"], context["runAsUser"], context["fsGroup"]) == (True, 1000, 1000)
    for container in CONTAINERS:
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"]["memory"]
    assert [container["name"] for container in CONTAINERS if "livenessProbe" in container] == ["exporter"]


def test_settings_exist_and_the_exporter_reads_where_agents_write() -> None:
    settings: dict[str, dict[str, Any]] = {
        container["name"]: {one["name"]: one.get("value") for one in container["env"]} for container in CONTAINERS
    }
    named = {name for values in settings.values() for name in values if name.startswith("HOOKMETER_")}
    assert named <= known_variables()
    exporter, agent = settings["exporter"], settings["claude"]
    assert exporter["HOOKMETER_SESSIONS_DIR"] == agent["HOOKMETER_SESSIONS_DIR"]
    assert exporter["HOOKMETER_TRANSCRIPTS_DIR"] == f"{agent['HOME']}/.claude/projects"


def test_the_history_has_the_instance_label_that_the_scrape_configuration_gives() -> None:
    text = (DIRECTORY / "exporter.yml").read_text()
    (job,) = yaml.safe_load("".join(re.findall(r"^# ( .*\n)", text, re.MULTILINE)))
    (service,) = (one for _, one in MANIFESTS if one["kind"] == "Service")
    (port,) = service["spec"]["ports"]
    address = f"{service['metadata']['name']}:{port['port']}"
    (exporter,) = (container for container in CONTAINERS if container["name"] == "exporter")
    assert {"name": "HOOKMETER_INSTANCE", "value": address} in exporter["env"]
    assert job == {"job_name": "hookmeter", "static_configs": [{"targets": [address]}]}
