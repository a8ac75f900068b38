"""`openapi.json` is what the service serves, so that a change of the interface is seen in its diff."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.services import Services
from billing_service.web.openapi import written
from tests.announced import operations
from tests.stage import MainBackend
from tests.test_health import COMMAND


@pytest.fixture
def page(services: Services) -> dict[str, Any]:
    return create_app(services.settings, services).openapi()


def test_the_exported_document_is_the_served_one(page: dict[str, Any], repository: Path) -> None:
    exported = (repository / "openapi.json").read_text()

    assert exported == written(page), "run: make openapi clients"


def test_the_command_writes_it_whatever_is_configured(page: dict[str, Any], tmp_path: Path) -> None:
    configured = {"PATH": os.environ["PATH"], "BILLING_ENV": "prod", "YOOKASSA_MODE": "prod"}

    done = subprocess.run(
        [COMMAND, "openapi"], cwd=tmp_path, env=configured, capture_output=True, text=True, check=True
    )

    assert done.stdout == written(page)


def test_the_user_is_asked_for_where_a_call_is_about_one(page: dict[str, Any]) -> None:
    asked = {
        name: [one for one in operation.get("parameters", ()) if one["name"].lower() == "x-user-id"]
        for name, operation in operations(page)
    }

    assert {name for name, users in asked.items() if users} >= {"GET /api/v1/billing/me/"}
    for users in asked.values():
        assert all(one["name"] == "X-User-Id" and one["required"] for one in users)


def test_headers_are_spelled_as_people_write_them(page: dict[str, Any]) -> None:
    headers = {
        one["name"]
        for _, operation in operations(page)
        for one in operation.get("parameters", ())
        if one["in"] == "header"
    }

    assert headers == {"X-User-Id", "Idempotency-Key", "X-User-IP", "X-User-Agent"}
    assert "anyOf" not in json.dumps([page["paths"]["/api/v1/billing/create-payment/"]["post"]["parameters"]])


async def test_a_token_that_was_entered_survives_a_reload_of_the_page(api: MainBackend) -> None:
    assert '"persistAuthorization": true' in (await api.http.get("/docs")).text
