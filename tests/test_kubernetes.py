"""The manifests keep what docs/operations.md promises: one more before one less, time to finish, no right too many.

That they have the shape Kubernetes wants was seen with `kubernetes-validate --strict` 1.37, 108 MB of schemas.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from billing_service.kit.version import VERSION

PRESTOP = 10
FINISHES_WITHIN = {"billing-api": 55 + PRESTOP, "billing-worker": 80}


@pytest.fixture
def manifests(repository: Path) -> list[dict[str, Any]]:
    files = sorted((repository / "deploy/kubernetes").glob("*.yaml"))
    return [one for path in files for one in yaml.safe_load_all(path.read_text())]


@pytest.fixture
def workloads(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What runs containers, by name."""
    return {one["metadata"]["name"]: one["spec"] for one in manifests if "template" in one["spec"]}


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = workload["template"]["spec"]
    return spec


def container(workload: dict[str, Any]) -> dict[str, Any]:
    (one,) = pod(workload)["containers"]
    assert isinstance(one, dict)
    return one


def test_every_process_is_this_release_and_has_no_right_that_it_does_not_need(
    workloads: dict[str, dict[str, Any]],
) -> None:
    assert {name: container(one)["args"] for name, one in workloads.items()} == {
        "billing-migrate": ["migrate"],
        "billing-api": ["api"],
        "billing-worker": ["worker"],
    }
    for workload in workloads.values():
        assert container(workload)["image"] == f"billing-service:{VERSION}"
        assert pod(workload)["securityContext"]["runAsNonRoot"]
        assert not pod(workload)["automountServiceAccountToken"]
        # Links of a service named billing would be variables that begin as our settings do.
        assert not pod(workload)["enableServiceLinks"]
        assert container(workload)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container(workload)["resources"]["limits"]["memory"]
        assert container(workload)["resources"]["requests"].keys() == {"cpu", "memory"}


def test_only_the_migration_is_the_owner_of_the_tables(workloads: dict[str, dict[str, Any]]) -> None:
    secrets = {name: container(one)["envFrom"][0]["secretRef"]["name"] for name, one in workloads.items()}

    assert secrets == {
        "billing-migrate": "billing-owner",
        "billing-api": "billing",
        "billing-worker": "billing",
    }


def test_a_new_one_is_ready_before_an_old_one_goes_and_that_one_may_finish(
    workloads: dict[str, dict[str, Any]],
) -> None:
    for name, longest in FINISHES_WITHIN.items():
        assert workloads[name]["replicas"] == 2
        assert workloads[name]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        assert "readinessProbe" in container(workloads[name])
        assert pod(workloads[name])["terminationGracePeriodSeconds"] >= longest
    assert container(workloads["billing-api"])["lifecycle"]["preStop"]["exec"]["command"] == [
        "sleep",
        str(PRESTOP),
    ]


def test_an_outage_of_the_database_restarts_nobody(
    workloads: dict[str, dict[str, Any]], repository: Path
) -> None:
    api, worker = container(workloads["billing-api"]), container(workloads["billing-worker"])
    served = json.loads((repository / "openapi.json").read_text())["paths"]

    assert api["livenessProbe"]["httpGet"]["path"] == api["startupProbe"]["httpGet"]["path"] == "/health/live"
    assert api["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert {"/health/live", "/health/ready"} <= served.keys()
    assert worker["readinessProbe"]["exec"]["command"] == ["billing-service", "worker", "--check"]
    assert "livenessProbe" not in worker


def test_the_service_and_the_budget_mean_the_pods_of_the_api(
    manifests: list[dict[str, Any]], workloads: dict[str, dict[str, Any]]
) -> None:
    by_kind = {one["kind"]: one["spec"] for one in manifests if "template" not in one["spec"]}
    labels = workloads["billing-api"]["template"]["metadata"]["labels"]

    assert by_kind["Service"]["selector"] == labels
    assert by_kind["PodDisruptionBudget"]["selector"]["matchLabels"] == labels
    for name in FINISHES_WITHIN:
        matched = workloads[name]["selector"]["matchLabels"]
        assert matched == workloads[name]["template"]["metadata"]["labels"]
